from . import crm_stage_history
