"""Start a handover, cancel it, or set it back to draft."""

from . import crm_handover
