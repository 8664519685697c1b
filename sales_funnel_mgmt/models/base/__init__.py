from . import (
    crm_given_record_mixin,
    crm_system_field_mixin,
    midnight,
    months,
    orm,
    query_settings,
    report_period,
    res_company,
    tools,
    transaction_notes,
)
