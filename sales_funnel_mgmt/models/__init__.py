from . import (
    crm_lead_contact,
    crm_lead_quota,
    crm_lead_quota_refresh,
    crm_lead_stage_history,
    crm_quota_rate,
    crm_stage,
    crm_stage_history,
    crm_stage_history_backfill,
    crm_team,
    mail_activity_type,
    mail_message,
    res_users_communication_digest,
)
