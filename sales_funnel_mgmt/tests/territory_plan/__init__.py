"""Test territory plans and their proposals."""

from . import test_territory_plan, test_territory_plan_tour, test_territory_proposal
