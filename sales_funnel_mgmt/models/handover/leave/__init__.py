"""Bring customers back to a salesperson who was on leave."""

from . import crm_handover, crm_handover_line
