from . import crm_sales_quota
