"""Create a handover in a dialog."""

from . import crm_handover_create
