from . import crm_handover_line
