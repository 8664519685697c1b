"""Test the salesperson lock."""

from . import (
    test_salesperson_lock,
    test_salesperson_lock_concurrency,
    test_salesperson_lock_customers,
    test_salesperson_lock_merge,
    test_salesperson_lock_routes,
)
