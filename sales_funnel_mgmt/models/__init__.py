from . import (
    crm_lead_quota,
    crm_lead_quota_refresh,
    crm_quota_rate,
    crm_stage,
    crm_team,
)
