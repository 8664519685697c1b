from . import crm_sales_setup, res_config_settings
