"""Test the manager's page."""

from . import test_sales_overview
