from . import (
    crm_system_field_mixin,
    midnight,
    months,
    orm,
    query_settings,
    report_period,
    res_company,
    res_config_settings,
    tools,
    transaction_notes,
)
