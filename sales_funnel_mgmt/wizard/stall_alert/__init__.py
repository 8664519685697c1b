from . import crm_stall_snooze
