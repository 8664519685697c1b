"""Define the dialogs of the capabilities."""

from . import customer, handover, sales_quota, stall_alert
