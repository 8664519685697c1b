"""Set sales quotas, the target amounts of salespeople and teams, and compare them with actuals."""

from . import (
    crm_sales_quota,
    crm_sales_quota_line,
    crm_sales_quota_revision,
    entry,
    from_funnel,
    grid,
)
