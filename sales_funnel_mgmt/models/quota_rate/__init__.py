from . import crm_lead, crm_quota_rate, crm_stage, crm_team, propagation
