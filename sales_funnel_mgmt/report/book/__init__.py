"""Show what salespeople hold."""

from . import crm_orphan_report
