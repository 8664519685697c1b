"""The measures of the benchmark, one module a capability; a new one is added here."""

from . import handover, quota_rates, stage_history, stall_alerts, stock_anchors, workload

CAPABILITIES = (stock_anchors, stage_history, quota_rates, stall_alerts, handover, workload)


def all_measures(word=''):
    """The measures whose name contains the word."""
    return [
        measure
        for capability in CAPABILITIES
        for measure in capability.MEASURES
        if word.lower() in measure.name.lower()
    ]
