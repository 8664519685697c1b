"""Continue handovers with a scheduled action, and remind users of overdue tasks."""

from . import crm_handover
