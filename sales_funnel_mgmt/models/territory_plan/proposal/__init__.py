"""Propose moves of customers between salespeople."""

from . import crm_territory_plan
