"""Provide the audit checks that need SQL queries of their own."""

from . import crm_pipeline_check
