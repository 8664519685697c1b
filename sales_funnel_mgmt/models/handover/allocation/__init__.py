from . import allocate, crm_handover
