"""Let each company choose the source of its actuals."""

from . import res_company, res_config_settings, sale_order
