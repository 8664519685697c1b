"""Take quotas from the open opportunities of salespeople."""

from . import crm_sales_quota
