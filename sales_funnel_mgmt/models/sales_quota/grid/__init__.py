"""Edit the quotas of a year in a grid."""

from . import crm_sales_quota
