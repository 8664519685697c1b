from . import crm_lead, crm_stage, crm_stage_history, recording, backfill, past_moves, repair
