"""List the modules with the measures of the capabilities. Add new ones here."""

from . import (
    communications,
    customers,
    funnel,
    handover,
    overview,
    quota_rates,
    quotas,
    stage_history,
    stall_alerts,
    stock_anchors,
    workbook,
    workload,
)

CAPABILITIES = (
    stock_anchors,
    stage_history,
    communications,
    stall_alerts,
    quota_rates,
    quotas,
    handover,
    funnel,
    workbook,
    workload,
    customers,
    overview,
)


def all_measures(word=''):
    """Return the measures whose name contains the word."""
    return [
        measure
        for capability in CAPABILITIES
        for measure in capability.MEASURES
        if word.lower() in measure.name.lower()
    ]
