"""Compute the quota amount: expected revenue × quota rate, rounded to the currency.

The revenue is rounded before: Odoo shows it rounded, but can store more decimals. Python and SQL both
round half a unit up.
"""

from odoo.tools import SQL


def get_quota_amount(revenue, rate, currency):
    """Return the quota amount.

    :param float revenue: Expected revenue.
    :param float rate: Quota rate in percent.
    :param res.currency currency: Currency of the revenue.
    """
    return currency.round(currency.round(revenue) * rate / 100)


def get_quota_amount_sql(revenue, rate, rounding):
    """Return the SQL expression of the quota amount.

    :param SQL revenue: Expected revenue; NULL counts as 0.
    :param SQL rate: Quota rate in percent.
    :param SQL rounding: Smallest unit of the currency of the revenue.
    """
    return SQL(
        "ROUND(ROUND(COALESCE(%(revenue)s, 0) / %(rounding)s) * %(rate)s / 100) * %(rounding)s",
        revenue=revenue,
        rate=rate,
        rounding=rounding,
    )
