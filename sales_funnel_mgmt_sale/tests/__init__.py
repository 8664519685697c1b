"""Test sales orders: as actuals of the quota report, and their messages as contacts."""

from . import test_order_communication, test_quota_actual, test_quota_actual_access
