"""Find the changes of the past that the chatter proves."""

from . import crm_stage_history
