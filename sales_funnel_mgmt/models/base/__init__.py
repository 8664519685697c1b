from . import (
    crm_system_field_mixin,
    orm,
    period_context,
    periods,
    res_company,
    tools,
    transaction_notes,
)
