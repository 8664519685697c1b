"""Run the stall alerts with a scheduled action."""

from . import crm_stall_alert
