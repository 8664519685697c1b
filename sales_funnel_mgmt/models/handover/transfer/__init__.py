from . import crm_handover_transfer
