"""Test the helpers and the conventions of the addon."""

from . import (
    test_company_day,
    test_exclusive_job,
    test_installation,
    test_js,
    test_model_conventions,
    test_naming,
    test_ownership,
    test_public_methods,
    test_query_settings,
    test_report_period,
    test_source_conventions,
    test_sudo_conventions,
    test_system_fields,
    test_tours,
    test_transaction_notes,
)
