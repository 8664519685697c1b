"""Show the sales manager the state of all capabilities on one page, with the steps of the setup."""

from . import crm_sales_setup, res_config_settings
