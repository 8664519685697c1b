"""Enter and revise sales quotas in dialogs."""

from . import crm_sales_quota_enter, crm_sales_quota_revise
