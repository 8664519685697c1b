"""Compute the quota amount of opportunities: the share of the revenue that counts towards quota."""

from . import crm_lead, crm_quota_rate, crm_stage, crm_team, propagation, res_company, res_currency
