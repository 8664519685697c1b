from . import crm_handover, crm_team, crm_team_member, res_company, res_config_settings
