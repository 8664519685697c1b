"""Enter quotas of several months at once."""

from . import crm_sales_quota
