from . import crm_stall_alert
