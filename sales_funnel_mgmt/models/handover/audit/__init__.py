"""Check the opportunities of a handover before it starts."""

from . import crm_handover, crm_handover_finding, crm_pipeline_check, builtin
