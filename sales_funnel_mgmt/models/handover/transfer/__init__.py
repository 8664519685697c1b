"""Give the opportunities of a handover their new salespeople."""

from . import crm_handover_line
