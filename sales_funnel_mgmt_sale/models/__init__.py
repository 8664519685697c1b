"""Sales orders: as actuals, their messages as contacts, their activities when a user leaves."""

from . import (
    account_move,
    crm_book,
    crm_communication,
    crm_pipeline_check,
    res_company,
    res_config_settings,
    res_users,
    sale_order,
)
