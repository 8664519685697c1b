"""Report the stays, the changes of stage and the sales cycle."""

from . import (
    crm_stage_report_mixin,
    crm_sales_cycle_report,
    crm_stage_change_report,
    crm_stage_flow_report,
)
