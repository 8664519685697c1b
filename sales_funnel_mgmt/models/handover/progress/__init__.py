"""Count the opportunities and tasks of a handover, and how many are done."""

from . import crm_handover, crm_handover_line
