from . import (
    base_partner_merge,
    crm_handover_create,
    crm_sales_quota_enter,
    crm_sales_quota_revise,
    crm_stall_snooze,
)
