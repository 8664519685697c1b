"""The figures of quota vs. actual: each rule in words, in SQL, in Python and as a formula of Excel.

They are made of three amounts of what is looked at (a salesperson's month, a team's year, a total):
quota, actual, open quota amount. Figures of a sum are made of the summed amounts, never of figures.

`sql` takes expressions of the amounts, any of which may be NULL. `value` takes numbers, and the
currency that they are rounded to: sums of floats are not exact. `formula` takes addresses of cells.
"""

from odoo.tools import SQL

AMOUNTS = ('quota', 'actual', 'open_quota_amount')


class Gap:
    """Actual - quota: below 0, so much is missing.

    In SQL of a row of the report, which has one of the amounts: what it adds to the gap of a group.
    """

    @staticmethod
    def sql(quota, actual):
        return SQL("COALESCE(%s, -%s)", actual, quota)

    @staticmethod
    def value(quota, actual):
        return actual - quota

    @staticmethod
    def formula(quota, actual):
        return f'={actual}-{quota}'


class Attainment:
    """Actual ÷ quota; none without a quota."""

    @staticmethod
    def sql(quota, actual):
        return SQL("COALESCE(%s, 0) / NULLIF(%s, 0)", actual, quota)

    @staticmethod
    def value(quota, actual, currency):
        return None if currency.is_zero(quota) else actual / quota

    @staticmethod
    def formula(quota, actual):
        return f'=IF({quota}>0,{actual}/{quota},"")'


class Projection:
    """Actual + open quota amount.

    In SQL of a row of the report, which has one of the amounts: what it adds to that of a group.
    """

    @staticmethod
    def sql(actual, open_quota_amount):
        return SQL("COALESCE(%s, %s)", actual, open_quota_amount)

    @staticmethod
    def value(actual, open_quota_amount):
        return actual + open_quota_amount

    @staticmethod
    def formula(actual, open_quota_amount):
        return f'={actual}+{open_quota_amount}'


class Remainder:
    """What remains of the quota: quota - actual; 0 where nothing does. Part of the coverage."""

    @staticmethod
    def sql(quota, actual):
        return SQL("GREATEST(%s - COALESCE(%s, 0), 0)", quota, actual)

    @staticmethod
    def value(quota, actual, currency):
        return quota - actual if currency.compare_amounts(actual, quota) < 0 else 0


class Coverage:
    """Open quota amount ÷ what remains of the quota; none where nothing remains."""

    @staticmethod
    def sql(quota, actual, open_quota_amount):
        remainder = Remainder.sql(quota, actual)
        return SQL("COALESCE(%s, 0) / NULLIF(%s, 0)", open_quota_amount, remainder)

    @staticmethod
    def value(quota, actual, open_quota_amount, currency):
        remainder = Remainder.value(quota, actual, currency)
        return open_quota_amount / remainder if remainder else None

    @staticmethod
    def formula(quota, actual, open_quota_amount):
        return f'=IF({quota}-{actual}>0,{open_quota_amount}/({quota}-{actual}),"")'


class Status:
    """No quota (or one of 0), else whether the actual is below, equal to or above the quota."""

    @staticmethod
    def sql(quota, actual):
        return SQL(
            """CASE WHEN COALESCE(%(quota)s, 0) = 0 THEN 'no_quota'
                    WHEN %(actual)s < %(quota)s THEN 'below'
                    WHEN %(actual)s = %(quota)s THEN 'met'
                    ELSE 'exceeded' END""",
            quota=quota,
            actual=actual,
        )

    @staticmethod
    def value(quota, actual, currency):
        if currency.is_zero(quota):
            return 'no_quota'
        return {-1: 'below', 0: 'met', 1: 'exceeded'}[currency.compare_amounts(actual, quota)]


def get_standing(quota, actual, open_quota_amount, currency):
    """Return the amounts with all their figures, for a page that shows them.

    :rtype: dict
    """
    return {
        'quota': quota,
        'actual': actual,
        'open_quota_amount': open_quota_amount,
        'attainment': Attainment.value(quota, actual, currency),
        'needed': Remainder.value(quota, actual, currency),
        'projection': Projection.value(actual, open_quota_amount),
        'coverage': Coverage.value(quota, actual, open_quota_amount, currency),
        'status': Status.value(quota, actual, currency),
    }
