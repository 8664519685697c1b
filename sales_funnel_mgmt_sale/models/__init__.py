"""Sales orders and invoices as actuals, and their messages as contacts."""

from . import crm_communication, res_company, res_config_settings, sale_order
