"""Limit how many customers a salesperson holds, and how concentrated they are."""

from . import crm_handover, crm_team, crm_team_member, res_company, res_config_settings
