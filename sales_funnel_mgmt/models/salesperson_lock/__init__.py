"""Lock the salesperson of opportunities in some stages."""

from . import crm_lead, crm_stage, crm_team, res_users
