"""Test sales orders: as actuals, their messages as contacts, their activities when a user leaves."""

from . import test_departure, test_order_communication, test_quota_actual, test_quota_actual_access
