"""Read the period of a report from the context.

Filters of the search view put it there. It selects figures and does not grant access.
"""

from datetime import timedelta

import pytz

from odoo.exceptions import UserError
from odoo.tools import SQL, get_lang
from odoo.tools.date_utils import end_of, start_of

from .arguments import FIRST_DAY, get_day
from .company_day import by_zone, get_zones
from .midnight import get_bounds
from .tools import get_company_of, join_owner

PERIOD_KEY = 'report_period'
FROM_KEY = 'report_period_from'
TO_KEY = 'report_period_to'

# granularity and number of periods ago, by name
PERIODS = {
    'today': ('day', 0),
    'yesterday': ('day', 1),
    'this_week': ('week', 0),
    'last_week': ('week', 1),
    'this_month': ('month', 0),
    'last_month': ('month', 1),
    'this_quarter': ('quarter', 0),
    'last_quarter': ('quarter', 1),
    'this_year': ('year', 0),
    'last_year': ('year', 1),
}


def period_dates(env):
    """Return the first and the last day of the period in the context, by default of this month.

    :param env: Its context has `report_period_from` and `report_period_to` (dates as text), or the name
        of a period of `PERIODS` as `report_period`.
    :rtype: tuple[date, date]
    :raise UserError: If the context has something else, or the period ends before it begins.
    """
    context = env.context
    if context.get(FROM_KEY) or context.get(TO_KEY):
        first, last = get_day(env, context.get(FROM_KEY)), get_day(env, context.get(TO_KEY))
        if first > last:
            raise UserError(env._("The period must not end before it begins."))
        return first, last
    name = context.get(PERIOD_KEY, 'this_month')
    if not isinstance(name, str) or name not in PERIODS:
        raise UserError(env._("There is no period named “%(name)s”.", name=name))
    granularity, ago = PERIODS[name]
    first, last = _period_around(env, env.company._get_sales_today(), granularity)
    for _step in range(ago):
        first, last = _period_around(env, first - timedelta(days=1), granularity)
    return first, last


def previous_period_dates(env):
    """Return the first and the last day of the period before the one in the context.

    A month is preceded by a month, and a number of days by the same number of days, as far as the
    calendar goes back.

    :rtype: tuple[date, date]
    """
    first, last = period_dates(env)
    if env.context.get(FROM_KEY):
        before = max(first - timedelta(days=1), FIRST_DAY)
        return max(before - (last - first), FIRST_DAY), before
    granularity, _ago = PERIODS[env.context.get(PERIOD_KEY, 'this_month')]
    return _period_around(env, first - timedelta(days=1), granularity)


def with_period(records, period):
    """Return the records with the given period in the context, in place of any other.

    :param period: Name of a period of `PERIODS`, or the first and the last day (as text).
    """
    if isinstance(period, (list, tuple)) and len(period) == 2:
        first, last = period
        # A missing day would leave the choice to the name of the period.
        return records.with_context(report_period_from=first or '-', report_period_to=last or '-')
    return records.with_context(
        report_period_from=False, report_period_to=False, report_period=period
    )


def get_period_context(env):
    """Return the keys of the context that define the period, for an action that opens a report."""
    return {
        key: value for key, value in env.context.items() if key in (PERIOD_KEY, FROM_KEY, TO_KEY)
    }


def _period_around(env, day, granularity):
    """Return the first and the last day of the period (day, week, month…) that contains a day."""
    if granularity != 'week':
        return start_of(day, granularity), end_of(day, granularity)
    # As everywhere in Odoo, the language of the user decides on which day a week begins.
    first = day - timedelta(days=(day.isoweekday() - int(get_lang(env).week_start)) % 7)
    return first, first + timedelta(days=6)


def period_bounds(env, zone=None):
    """Return the moments (UTC) at which the period begins, and at which it is over.

    :param zone: Time zone of `pytz`; that of the current company by default.
    :rtype: tuple[datetime, datetime]
    """
    return get_bounds(*period_dates(env), zone or env.company._get_sales_zone())


class PeriodQuery:
    """The period in the context, in SQL: it begins and ends at midnight of each row's company.

    `begin` and `end` are the expressions of a row's moments. They need `join`. `earliest` and `latest`
    are the first and the last moment of any company. They are the same for all rows, so that PostgreSQL
    can use an index. `has_zones` says whether the companies have different time zones: if not, the
    latter are enough.
    """

    def __init__(self, env, alias):
        """Read the period.

        :param str alias: Alias of the rows, which have company_id and user_id.
        :raise UserError: See `period_dates`.
        """
        bounds = {zone: period_bounds(env, pytz.timezone(zone)) for zone, _ids in get_zones(env)}
        self.has_zones = len(bounds) > 1
        self.join = join_owner(alias) if self.has_zones else SQL()
        self.earliest = min(begin for begin, _end in bounds.values())
        self.latest = max(end for _begin, end in bounds.values())
        company = get_company_of(alias)
        self.begin = by_zone(env, company, lambda zone: SQL("%s::timestamp", bounds[zone][0]))
        self.end = by_zone(env, company, lambda zone: SQL("%s::timestamp", bounds[zone][1]))
