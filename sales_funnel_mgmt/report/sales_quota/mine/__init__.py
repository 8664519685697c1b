"""Compute the figures of the page My Quota."""

from . import crm_quota_report
