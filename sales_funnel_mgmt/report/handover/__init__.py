"""Report on the tasks of handovers."""

from . import crm_handover_progress_report
