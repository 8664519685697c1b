"""Compare quotas with actuals and the open funnel."""

from . import crm_quota_report, mine, query
