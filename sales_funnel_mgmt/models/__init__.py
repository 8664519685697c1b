from . import (
    crm_lead_customer,
    crm_lead_quota,
    crm_lead_quota_refresh,
    crm_lead_stage_history,
    crm_quota_rate,
    crm_stage,
    crm_stage_history,
    crm_stage_history_backfill,
    crm_stage_win_rate,
    crm_team,
    crm_team_member_capacity,
)
