"""Define the reports of the capabilities, each after those that it reads."""

from . import (
    book,
    stage_history,
    salesperson_change,
    sales_quota,
    communication,
    stall_alert,
    handover,
    workload,
    customer,
    funnel,
    overview,
)
