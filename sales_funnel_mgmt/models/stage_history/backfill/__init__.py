"""Rebuild the stays of the past at the installation."""

from . import crm_stage_history
