"""Detect which stall alerts begin and end."""

from . import crm_stall_alert
