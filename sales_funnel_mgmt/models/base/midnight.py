"""Compute when a day begins in a time zone."""

from datetime import datetime, time

import pytz


def get_midnight(day, zone):
    """Return the moment (UTC, as the database stores it) at which a day begins.

    :param date day: The day.
    :param zone: Time zone of `pytz`: that of the user is `env.tz`.
    :rtype: datetime
    """
    begin = zone.localize(datetime.combine(day, time.min))
    return begin.astimezone(pytz.utc).replace(tzinfo=None)
