"""Compute months, quarters, half-years and years, and spread amounts over their months."""

from fractions import Fraction
from itertools import accumulate, pairwise

from dateutil.relativedelta import relativedelta

# number of months by kind of period
LENGTHS = {'month': 1, 'quarter': 3, 'half_year': 6, 'year': 12}
# Periods with a name, for filters and actions. The part of a name after `_` is a key of LENGTHS.
NAMED_PERIODS = [
    ('this_month', "This Month"),
    ('last_month', "Last Month"),
    ('this_quarter', "This Quarter"),
    ('last_quarter', "Last Quarter"),
    ('this_half_year', "This Half-year"),
    ('last_half_year', "Last Half-year"),
    ('this_year', "This Year"),
    ('last_year', "Last Year"),
]
# A fiscal year that ends before this day of a month begins with that month, else with the next one
MID_MONTH = 15


def first_of_month(day):
    """Return the first day of the month of a day."""
    return day.replace(day=1)


def start_of_period(day, kind, first_month=1):
    """Return the first day of the period that a day is in.

    :param date day: Any day of the period.
    :param str kind: Key of `LENGTHS`.
    :param int first_month: Month (1-12) with which the year begins.
    """
    months_gone = (day.month - first_month) % LENGTHS[kind]
    return first_of_month(day) - relativedelta(months=months_gone)


def months_of_period(start, kind):
    """Return the first days of all months of a period."""
    return [start + relativedelta(months=number) for number in range(LENGTHS[kind])]


def spread(amount, weights, rounding):
    """Divide an amount by weights, so that the parts add up to it exactly.

    Each part is the difference of two rounded running totals, so that a later part makes up for
    the rounding of an earlier one.

    :param float amount: Amount to divide, a multiple of the rounding.
    :param list weights: One number from 0 on for each part; all 0: equal parts.
    :param float rounding: Smallest unit of the currency.
    :rtype: list[float]
    """
    if not any(weights):
        weights = [1] * len(weights)
    unit = Fraction(str(rounding))
    units = round(Fraction(str(amount)) / unit)
    totals = list(accumulate(map(Fraction, weights)))
    steps = [0, *(round(units * total / totals[-1]) for total in totals)]
    return [float((after - before) * unit) for before, after in pairwise(steps)]
