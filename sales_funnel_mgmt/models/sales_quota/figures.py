"""Define the figures of quota vs. actual, each in words, in SQL, in Python and as an Excel formula.

Three amounts of a group (a salesperson's month, a team's year, a total) define them: quota, actual and
open quota amount. Figures of a sum are computed from the summed amounts, never from other figures.

`sql` takes expressions of the amounts, which may be NULL. `value` takes numbers and the currency to
round them to, since sums of floats are not exact. `formula` takes addresses of cells.
"""

from odoo.tools import SQL

from ..base.group_measures import get_ratio

AMOUNTS = ('quota', 'actual', 'open_quota_amount')


class Gap:
    """Actual - quota. A negative gap is the amount still missing.

    In the report, where a row has only one of the amounts, the SQL is the row's part of the gap.
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
    """Actual ÷ quota, empty without a quota."""

    @staticmethod
    def sql(quota, actual):
        return get_ratio(actual, quota)

    @staticmethod
    def value(quota, actual, currency):
        return None if currency.is_zero(quota) else actual / quota

    @staticmethod
    def formula(quota, actual):
        return f'=IF({quota}>0,{actual}/{quota},"")'


class Projection:
    """Actual + open quota amount.

    In the report, where a row has only one of the amounts, the SQL is the row's part of it.
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
    """The part of the quota not yet achieved: quota - actual, at least 0."""

    @staticmethod
    def sql(quota, actual):
        return SQL("GREATEST(%s - COALESCE(%s, 0), 0)", quota, actual)

    @staticmethod
    def value(quota, actual, currency):
        return quota - actual if currency.compare_amounts(actual, quota) < 0 else 0


class Coverage:
    """Open quota amount ÷ remainder of the quota, empty once the quota is achieved."""

    @staticmethod
    def sql(quota, actual, open_quota_amount):
        remainder = Remainder.sql(quota, actual)
        return get_ratio(open_quota_amount, remainder)

    @staticmethod
    def value(quota, actual, open_quota_amount, currency):
        remainder = Remainder.value(quota, actual, currency)
        return open_quota_amount / remainder if remainder else None

    @staticmethod
    def formula(quota, actual, open_quota_amount):
        return f'=IF({quota}-{actual}>0,{open_quota_amount}/({quota}-{actual}),"")'


class Status:
    """Whether the actual is below, equal to or above the quota; without a quota, no quota."""

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
    """Return the amounts and all their figures, for display on a page.

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
