"""Provide the helpers that several capabilities share."""

from . import (
    conflicts,
    crm_company_day_mixin,
    crm_given_record_mixin,
    crm_lead_link_mixin,
    crm_system_field_mixin,
    exclusive_job,
    group_measures,
    group_scope,
    ir_filters,
    midnight,
    months,
    naming,
    orm,
    query_settings,
    report_period,
    res_company,
    res_config_settings,
    res_users,
    tools,
    transaction_notes,
)
