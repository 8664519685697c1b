from . import crm_handover_progress_report
