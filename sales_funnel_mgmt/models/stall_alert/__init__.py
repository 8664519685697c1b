"""Alert salespeople and managers of stalled opportunities.

`crm_lead` says which opportunities are stalled now. `detection` opens and closes the alerts about them,
`run` is the scheduled action that creates the activities, and `digest` notifies the managers.
"""

from . import (
    crm_lead,
    crm_stage,
    crm_stall_alert,
    crm_team,
    crm_team_member,
    mail_activity_type,
    res_company,
    res_config_settings,
    detection,
    digest,
    run,
)
