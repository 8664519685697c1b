"""Test the report on changes of salesperson."""

from . import test_salesperson_change
