from . import base_partner_merge, crm_stall_snooze
