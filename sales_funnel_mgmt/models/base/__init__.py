from . import (
    crm_system_field_mixin,
    midnight,
    months,
    orm,
    report_period,
    res_company,
    tools,
    transaction_notes,
)
