"""Test sales orders and invoices as actuals of the quota report."""

from . import test_quota_actual, test_quota_actual_access
