"""Record the changes of opportunities as stays."""

from . import crm_stage_history
