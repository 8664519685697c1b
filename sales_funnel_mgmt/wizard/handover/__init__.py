from . import crm_handover_create
