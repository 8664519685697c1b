"""Keep the stays of opportunities: stage, salesperson, amounts."""

from . import (
    crm_lead,
    crm_stage,
    crm_stage_history,
    crm_win_correction,
    recording,
    backfill,
    past_moves,
    repair,
)
