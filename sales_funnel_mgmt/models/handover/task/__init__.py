"""Create the tasks of a handover wave by wave, and react when they are done."""

from . import crm_handover, crm_handover_line, mail_activity, mail_activity_plan_template
