"""Compute when a day, or a period of days, begins and ends in a time zone."""

from datetime import datetime, time, timedelta

import pytz


def get_midnight(day, zone):
    """Return the moment (UTC, as the database stores it) at which a day begins.

    :param date day: The day.
    :param zone: Time zone of `pytz`: that of the user is `env.tz`.
    :rtype: datetime
    """
    begin = zone.localize(datetime.combine(day, time.min))
    return begin.astimezone(pytz.utc).replace(tzinfo=None)


def get_bounds(first, last, zone):
    """Return the moments (UTC) at which a period begins and at which it is over.

    :param date first: First day of the period; `last` is its last one.
    :param zone: Time zone of `pytz`.
    :rtype: tuple[datetime, datetime]
    """
    return get_midnight(first, zone), get_midnight(last + timedelta(days=1), zone)
