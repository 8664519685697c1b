"""Extend the quota report by sales orders and invoices."""

from . import crm_quota_report
