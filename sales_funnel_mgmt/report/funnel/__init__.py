"""Compute the figures of the funnel view in its three modes."""

from . import (
    crm_funnel_mode,
    crm_funnel_cohort_report,
    crm_funnel_report,
    crm_stage_flow_report,
    view,
)
