"""Repair stays that earlier versions recorded."""

from . import crm_stage_history
