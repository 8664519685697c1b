from . import crm_lead, crm_stage, crm_stage_history, backfill, past_moves
