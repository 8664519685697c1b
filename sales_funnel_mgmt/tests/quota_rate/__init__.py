"""Test the quota rates and quota amounts of opportunities."""

from . import (
    test_crm_stage,
    test_own_quota_rate,
    test_quota_amount_totals,
    test_quota_rate_access,
    test_quota_rate_precedence,
    test_quota_rate_propagation,
)
