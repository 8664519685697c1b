from . import (
    crm_communication_report,
    crm_stage_report_mixin,
    crm_quota_report,
    crm_quota_report_mine,
    crm_handover_progress_report,
    crm_sales_cycle_report,
    crm_salesperson_change_report,
    crm_stage_change_report,
    crm_stage_flow_report,
    crm_stalled_report,
    crm_concentration_report,
    crm_workload_report,
)
