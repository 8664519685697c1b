from . import crm_concentration_report, crm_workload_report
