from . import crm_sales_overview
