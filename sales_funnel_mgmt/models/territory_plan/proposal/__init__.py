from . import crm_territory_plan
