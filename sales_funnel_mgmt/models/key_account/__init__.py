"""Warn of key accounts that are given to novices."""

from . import crm_handover_line, crm_lead, crm_team, crm_team_member, res_partner
