from . import crm_communication_report
