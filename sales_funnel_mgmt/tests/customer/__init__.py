"""Test the page of customers and the changes of their level."""

from . import test_customer_report, test_level_change_report
