from . import crm_handover, crm_handover_line, mail_activity, mail_activity_plan_template
