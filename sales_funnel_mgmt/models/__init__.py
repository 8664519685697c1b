from . import (
    crm_lead_quota,
    crm_lead_quota_refresh,
    crm_lead_salesperson_lock,
    crm_lead_stage_history,
    crm_quota_rate,
    crm_stage,
    crm_stage_history,
    crm_stage_history_backfill,
    crm_stage_lock,
    crm_team,
    crm_team_salesperson_lock,
    res_users_salesperson_lock,
)
