"""Assign moments to the days of companies, in SQL.

A win, a stage change or an order belongs to a day of its company, for all readers. Companies can have
different time zones.
"""

from odoo import fields
from odoo.tools import SQL


def by_zone(env, company, get_value):
    """Return the expression of a value that depends on the time zone of a row's company.

    :param SQL company: ID of the company; rows without one belong to the first company.
    :param get_value: Function that returns the SQL of the value in a time zone, given by name.
    """
    (zone, _ids), *others = get_zones(env)
    if not others:
        return get_value(zone)
    return SQL(
        "CASE %s ELSE %s END",
        SQL(" ").join(
            SQL("WHEN %s = ANY(%s) THEN %s", company, ids, get_value(other))
            for other, ids in others
        ),
        get_value(zone),
    )


def get_zones(env):
    """Return the time zones of the companies with their IDs; that of the first company stands first.

    :rtype: list[tuple[str, list[int]]]
    """
    # In sudo mode: the figure does not depend on the companies of the reader.
    companies_sudo = env['res.company'].sudo().with_context(active_test=False)
    found = companies_sudo._read_group([], ['sales_tz'], ['id:array_agg'], order='id:min')
    return [(zone or 'UTC', ids) for zone, ids in found]


def get_company_day(env, moment, company):
    """Return the expression of the day of a moment in a row's company.

    :param SQL moment: The moment, in UTC.
    :param SQL company: ID of the company, see `by_zone`.
    """
    zones = [zone for zone, _ids in get_zones(env)]
    if zones == ['UTC']:
        return SQL("(%s)::date", moment)
    zone = by_zone(env, company, lambda name: SQL("%s", name))
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)


def get_company_today(env, company):
    """Return the expression of the day that it is in a row's company.

    :param SQL company: ID of the company, see `by_zone`.
    """

    def get_today(zone):
        # A model is needed only for its environment.
        return SQL("%s::date", fields.Date.context_today(env['res.company'].with_context(tz=zone)))

    return by_zone(env, company, get_today)
