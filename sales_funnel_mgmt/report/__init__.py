from . import (
    crm_stage_report_mixin,
    crm_funnel_cohort_report,
    crm_funnel_report,
    crm_funnel_report_figures,
    crm_sales_cycle_report,
    crm_stage_change_report,
    crm_stage_flow_report,
    crm_stalled_report,
)
