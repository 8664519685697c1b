"""The quota amount: expected revenue × applied quota rate, both products rounded to the currency.

The revenue is rounded first: Odoo shows it rounded, but may have stored more decimals. Half a unit is
rounded up, in Python and in SQL alike.
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
    """Return the quota amount as an expression in SQL.

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
