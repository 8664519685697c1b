"""Test the sales quotas and the quota report."""

from . import (
    test_quota_report,
    test_sales_quota,
    test_sales_quota_access,
    test_sales_quota_entry,
    test_sales_quota_grid,
    test_sales_quota_tours,
)
