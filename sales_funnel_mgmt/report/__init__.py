from . import (
    stage_history,
    salesperson_change,
    sales_quota,
    communication,
    stall_alert,
    handover,
    workload,
    funnel,
    overview,
)
