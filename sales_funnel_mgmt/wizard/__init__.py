from . import (
    base_partner_merge,
    crm_sales_quota_enter,
    crm_sales_quota_revise,
    crm_stall_snooze,
)
