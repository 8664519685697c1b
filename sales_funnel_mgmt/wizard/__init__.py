from . import base_partner_merge, crm_handover_create, crm_stall_snooze
