"""Give transferred opportunities back to their previous salespeople."""

from . import crm_handover, crm_handover_line
