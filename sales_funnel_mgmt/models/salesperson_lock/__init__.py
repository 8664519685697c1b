"""Lock the salesperson of opportunities in some stages, and of their customers."""

from . import crm_salesperson_lock_mixin  # first: the models below inherit it
from . import crm_lead, crm_stage, crm_team, res_partner, res_users
