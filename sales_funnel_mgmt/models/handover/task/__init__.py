from . import crm_handover_waves, mail_activity, mail_activity_plan_template
