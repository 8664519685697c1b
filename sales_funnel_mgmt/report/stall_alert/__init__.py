from . import crm_stalled_report
