from . import crm_handover, crm_handover_finding, crm_pipeline_check, builtin
