from . import crm_lead, crm_stage, crm_team, res_users
