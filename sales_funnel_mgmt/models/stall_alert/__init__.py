from . import (
    crm_lead,
    crm_stage,
    crm_stall_alert,
    crm_team,
    crm_team_member,
    mail_activity_type,
    res_company,
    res_config_settings,
    digest,
    run,
    sync,
)
