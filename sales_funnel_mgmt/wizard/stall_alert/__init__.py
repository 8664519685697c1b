"""Snooze stall alerts in a dialog."""

from . import crm_stall_snooze
