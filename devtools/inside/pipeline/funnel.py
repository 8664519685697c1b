"""The funnel in its three modes: from the rows of the files, and from the addon."""

from collections import Counter
from datetime import timedelta

from odoo.tools.date_utils import end_of, start_of

from .rows import ENGAGING, LOST, PROSPECTING, WON


def quarters(folder):
    """First and last day of each quarter in which something was engaged or closed."""
    days = [
        day
        for row in folder.opportunities.values()
        for day in (row.engage_date, row.close_date)
        if day
    ]
    if not days:
        return []
    found, day = [], min(days)
    while day <= max(days):
        found.append((start_of(day, 'quarter'), end_of(day, 'quarter')))
        day = found[-1][1] + timedelta(days=1)
    return found


def figures_of_rows(folder):
    """{(mode, first day, salesperson, stage, measure): number} without zeros."""
    figures = Counter()
    for row in folder.opportunities.values():
        if not row.is_closed:
            figures['now', None, row.salesperson, row.stage, 'count'] += 1
            figures['now', None, row.salesperson, row.stage, 'amount'] += row.amount
    for first, last in quarters(folder):
        for row in folder.opportunities.values():

            def add(mode, stage, measure, number=1, row=row, first=first):
                figures[mode, first, row.salesperson, stage, measure] += number

            if row.engage_date and first <= row.engage_date <= last:
                if row.stage != PROSPECTING:
                    add('flow', ENGAGING, 'entered')
                    add('flow', ENGAGING, 'entered amount', row.amount)
                    add('cohort', ENGAGING, 'count')
                if row.stage == WON:
                    add('cohort', WON, 'count')
                if row.stage == LOST:
                    add('cohort', ENGAGING, 'lost')
                # whoever was engaged had been a prospect, with a date of its own or without
                add('cohort', PROSPECTING, 'count')
            if row.is_closed and first <= row.close_date <= last:
                add('flow', ENGAGING, 'won' if row.stage == WON else 'lost')
                if row.stage == WON:
                    add('flow', WON, 'entered')
                    add('flow', WON, 'entered amount', row.amount)
    return {key: number for key, number in figures.items() if number}


def figures_of_database(env, folder, leads, records):
    """The same from the funnel's own figures; None without our addon."""
    if 'crm.funnel.report' not in env:
        return None
    people = {user.id: name for name, user in records.users.items()}
    stages = {stage.id: name for name, stage in records.stages.items()}
    domain = [('id', 'in', leads.ids)]
    figures = {}
    periods = [('now', 'this_month', None)]
    for first, last in quarters(folder):
        periods += [(mode, [str(first), str(last)], first) for mode in ('flow', 'cohort')]
    for mode, period, first in periods:
        data = env['crm.funnel.report'].get_funnel(domain, mode, 'user_id', period)
        for funnel in data['funnels']:
            for cell in funnel['cells']:
                key = (mode, first, people.get(funnel['id']), stages.get(cell['stage_id']))
                for measure, number in _measures(mode, cell):
                    if number:
                        figures[(*key, measure)] = number
    return figures


def _measures(mode, cell):
    if mode == 'flow':
        yield 'entered', cell['count']
        yield 'entered amount', cell['expected_revenue']
        yield from ((name, cell['flows'].get(name)) for name in ('won', 'lost'))
        return
    yield 'count', cell['count']
    if mode == 'now':
        yield 'amount', cell['expected_revenue']
    else:
        yield 'lost', cell['flows'].get('lost')
