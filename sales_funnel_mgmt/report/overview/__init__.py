"""Compute the figures of the manager's page."""

from . import crm_sales_overview
