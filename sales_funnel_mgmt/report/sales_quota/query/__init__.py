"""Build the SQL query of the quota report."""

from . import crm_quota_report
