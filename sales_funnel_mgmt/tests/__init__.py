from . import (
    test_crm_stage,
    test_installation,
    test_js,
    test_model_conventions,
    test_own_quota_rate,
    test_quota_amount_totals,
    test_quota_rate_access,
    test_quota_rate_precedence,
    test_quota_rate_propagation,
    test_tours,
)
