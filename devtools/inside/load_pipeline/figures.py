"""Compare Odoo's figures of the loaded opportunities with those of the files."""

from collections import Counter, defaultdict

from odoo.tools.date_utils import end_of, start_of

from .files import ENGAGING, LOST, PROSPECTING, STAGES, WON

LISTED = 10
# compared figures of the funnel's cells, by mode
MEASURES = {
    'now': ('count', 'expected_revenue'),
    'flow': ('count', 'expected_revenue', 'won', 'lost'),
    'cohort': ('count', 'lost'),
}


def report(env, folder, leads):
    """Print the totals, and how many figures of the addon's reports are as in the files."""
    rows = folder.opportunities
    print_totals(rows, leads.with_context(active_test=False))
    cycles = cycles_of_rows(rows)
    won, lost, days = (sum(column) for column in zip((0, 0, 0), *cycles.values(), strict=True))
    compare(
        f"Won, lost and sales cycle (all: {won / max(won + lost, 1):.1%} won, "
        f"{days / max(won, 1):.1f} days) by salesperson as in the files: {{}}",
        cycles,
        cycles_of_database(env, leads),
    )
    funnel = funnel_of_rows(rows)
    compare(
        "Funnel (now; flow and cohort of each quarter) by salesperson and stage as in the files: "
        "{} figures",
        funnel,
        funnel_of_database(env, leads, {name[:2] for name in funnel}),
    )


def print_totals(rows, leads):
    """Print number and amount by stage, and the quota amount however it is added up."""
    domain = [('id', 'in', leads.ids)]
    groups = leads._read_group(
        domain, ['won_status', 'stage_id'], ['__count', 'expected_revenue:sum']
    )
    in_odoo = {
        {'won': WON, 'lost': LOST}.get(status, stage.name): figures
        for status, stage, *figures in groups
    }
    print(f"{'':12}{'in the files':>28}{'in Odoo':>28}")
    for stage in STAGES:
        amounts = [row.amount for row in rows if row.stage == stage]
        cells = [
            f"{count:,} = {amount:,.0f}"
            for count, amount in ((len(amounts), sum(amounts)), in_odoo.get(stage, (0, 0)))
        ]
        print(f"{stage:12}{cells[0]:>28}{cells[1]:>28}")
    quotas = []
    for label, groupby in (
        ("opportunities", []),
        ("salespeople", ['user_id']),
        ("stages", ['stage_id']),
    ):
        amounts = [group[-1] for group in leads._read_group(domain, groupby, ['quota_amount:sum'])]
        quotas.append(f"{label}: {sum(amounts):,.2f}")
    print(f"Quota amount, added up over {', '.join(quotas)}")


def compare(text, in_files, in_odoo):
    names = sorted({*in_files, *in_odoo}, key=str)
    differing = [name for name in names if in_files.get(name, 0) != in_odoo.get(name, 0)]
    print(text.format(f"{len(names) - len(differing):,} of {len(names):,}"))
    for name in differing[:LISTED]:
        print(f"  {name}: {in_files.get(name, 0)} in the files, {in_odoo.get(name, 0)} in Odoo")


def cycles_of_rows(rows):
    """Return {salesperson: (won, lost, total days from engaging to winning)}."""
    closed = defaultdict(list)
    for row in rows:
        if row.closed:
            closed[row.salesperson].append(row)
    return {
        name: (
            sum(row.stage == WON for row in group),
            sum(row.stage == LOST for row in group),
            sum((row.closed - row.engaged).days for row in group if row.stage == WON),
        )
        for name, group in closed.items()
    }


def cycles_of_database(env, leads):
    """Return the same from the report of sales cycles."""
    groups = env['crm.sales.cycle.report']._read_group(
        [('lead_id', 'in', leads.ids)],
        ['user_id'],
        ['won_count:sum', 'lost_count:sum', 'cycle_days:avg'],
    )
    return {
        user.name: (won, lost, round(won * days)) for user, won, lost, days in groups if won or lost
    }


def funnel_of_rows(rows):
    """Return {(mode, first day of the quarter, salesperson, stage, measure): number}."""
    figures = Counter()
    for row in rows:
        for mode, day, stage, numbers in funnel_of_row(row):
            first = start_of(day, 'quarter') if day else None
            for measure, number in numbers.items():
                figures[mode, first, row.salesperson, stage, measure] += number
    # Without zeros.
    return +figures


def funnel_of_row(row):
    """Yield (mode, day, stage, numbers) of each cell in which an opportunity counts."""
    amounts = {'count': 1, 'expected_revenue': row.amount}
    if not row.closed:
        yield 'now', None, row.stage, amounts
    if row.engaged:
        # It was a prospect before.
        yield 'cohort', row.engaged, PROSPECTING, {'count': 1}
        if row.stage != PROSPECTING:
            yield 'flow', row.engaged, ENGAGING, amounts
            yield 'cohort', row.engaged, ENGAGING, {'count': 1, 'lost': int(row.stage == LOST)}
        if row.stage == WON:
            yield 'cohort', row.engaged, WON, {'count': 1}
    if row.closed:
        yield 'flow', row.closed, ENGAGING, {row.stage.lower(): 1}
        if row.stage == WON:
            yield 'flow', row.closed, WON, amounts


def funnel_of_database(env, leads, periods):
    """Return the same from the addon's funnel."""
    figures = {}
    for mode, day in periods:
        period = [str(day), str(end_of(day, 'quarter'))] if day else 'this_month'
        domain = [('id', 'in', leads.ids)]
        for funnel in env['crm.funnel.report'].get_funnel(domain, mode, 'user_id', period)[
            'funnels'
        ]:
            user = env['res.users'].browse(funnel['id'])
            for cell in funnel['cells']:
                stage = env['crm.stage'].browse(cell['stage_id'])
                numbers = {**cell, **(cell.get('flows') or {})}
                for measure in MEASURES[mode]:
                    if numbers.get(measure):
                        figures[mode, day, user.name, stage.name, measure] = numbers[measure]
    return figures
