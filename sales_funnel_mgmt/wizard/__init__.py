"""Define the dialogs of the capabilities."""

from . import customer, handover, sales_quota, stage_history, stall_alert
