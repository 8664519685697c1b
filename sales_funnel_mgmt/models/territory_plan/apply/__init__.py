"""Turn the moves of a plan into draft handovers."""

from . import crm_territory_plan
