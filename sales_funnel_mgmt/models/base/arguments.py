"""Check what a caller gives to a public method. Each function returns the value, or says what is wrong."""

from datetime import date, datetime

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import format_date

# Days outside these years are slips of the pen. Python and PostgreSQL compute with years near 1 and
# 9999 only in one direction.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)
# Largest amount: floats are exact to the cent up to here
LARGEST_AMOUNT = 10**13
# Largest number of days and of months of a setting: a century
LARGEST_DAYS = 36_500
LARGEST_MONTHS = 1200
# Largest ID that PostgreSQL stores
LARGEST_ID = 2**31 - 1


def check_one(records):
    """Refuse to do with none or several records what is done with one.

    :raise UserError: If there is not exactly one.
    """
    if len(records) != 1:
        raise UserError(
            records.env._(
                "This is possible with one record at a time, and not with %(count)s.",
                count=len(records),
            )
        )


def get_day(env, value):
    """Return the day that a caller gives.

    :param value: Date, or its text, such as '2026-07-31'. A time after it is ignored.
    :rtype: date
    :raise UserError: If it is not a date, or its year is before 1900 or after 2999.
    """
    try:
        day = fields.Date.to_date(value) if isinstance(value, (str, date)) else None
    except ValueError:
        day = None
    if not day:
        raise UserError(
            env._("“%(value)s” is not a date. Please give one such as 2026-07-31.", value=value)
        )
    check_day(env, day)
    return day


def check_day(env, day):
    """Refuse a day that the calendar of a company does not reach.

    :param date day: The day, or a moment.
    :raise UserError: If its year is before 1900 or after 2999.
    """
    if not FIRST_DAY <= (day.date() if isinstance(day, datetime) else day) <= LAST_DAY:
        raise UserError(
            env._(
                "%(day)s is out of range. Please choose a day from %(first)s to %(last)s.",
                day=fields.Date.to_string(day),
                first=format_date(env, FIRST_DAY),
                last=format_date(env, LAST_DAY),
            )
        )


def get_amount(env, value):
    """Return the amount that a caller gives.

    :param value: Number, or its text as Odoo accepts it.
    :rtype: float
    :raise UserError: If it is not a number, or so large that it is not exact to the cent.
    """
    try:
        amount = float(value) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        amount = None
    if isinstance(value, bool) or amount is None or not abs(amount) <= LARGEST_AMOUNT:
        raise UserError(
            env._(
                "“%(value)s” is not an amount. Please give a number up to %(largest)s.",
                value=str(value)[:80],
                largest=f'{LARGEST_AMOUNT:,}',
            )
        )
    return amount


def get_id(env, value):
    """Return the ID that a caller gives, or False: the caller gives none.

    Whether the record exists, and who may read it, is for the caller of this function to check.

    :raise UserError: If it is something else.
    """
    if value is None or value is False:
        return False
    if type(value) is not int or not 0 < value <= LARGEST_ID:
        raise UserError(
            env._(
                "“%(value)s” is not the ID of a record. Please give a positive number.",
                value=str(value)[:80],
            )
        )
    return value


def get_text(env, value):
    """Return the text that a caller gives, without spaces around it; an empty one if none is given.

    :raise UserError: If it is something else, or has a character that PostgreSQL does not store.
    """
    is_given = value is not None and value is not False
    if is_given and (not isinstance(value, str) or '\x00' in value):
        raise UserError(env._("“%(value)s” is not a text.", value=str(value)[:80]))
    return (value or "").strip()


def without_none(value):
    """Return the answer of a public method with False in place of None, which XML-RPC cannot send.

    :param value: Dicts and lists of values that JSON knows.
    """
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_none(item) for item in value]
    return False if value is None else value
