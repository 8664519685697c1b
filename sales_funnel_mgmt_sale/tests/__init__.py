"""Test sales orders: as actuals, their messages as contacts, what a leaving user holds."""

from . import (
    test_departure,
    test_order_communication,
    test_quota_actual,
    test_quota_actual_access,
    test_whole_book,
    test_whole_book_tour,
)
