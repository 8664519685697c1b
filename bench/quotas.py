"""Measure quota vs. actual over a year, and quotas taken from the funnel."""

from datetime import date

from .measure import Measure
from .stock_anchors import won_by_month


def this_year():
    return date.today().replace(month=1, day=1)


def fill_quotas(env):
    """Create quotas of all salespeople for each month of this year and the last."""
    users = env['crm.team.member'].search([]).user_id
    start = this_year()
    env['crm.sales.quota'].create([
        {
            'user_id': user.id,
            'company_id': env.company.id,
            'month': start.replace(year=start.year - back, month=month),
            'amount': 100_000,
        }
        for user in users
        for back in (0, 1)
        for month in range(1, 13)
    ])
    env.flush_all()


def report(domain):
    """Load the report by salesperson × month, with the default measures of its pivot."""

    def work(env, stopwatch):
        fill_quotas(env)
        # Analyze as autovacuum would, for the query plans of an older database.
        env.cr.execute("ANALYZE crm_sales_quota")
        with stopwatch():
            env['crm.quota.report']._read_group(
                domain,
                ['user_id', 'date:month'],
                ['quota:sum', 'actual:sum', 'attainment:avg', 'open_quota_amount:sum'],
            )

    return work


def a_year():
    start = this_year()
    return [('date', '>=', start), ('date', '<', start.replace(year=start.year + 1))]


def won_by_month_of_a_year(env, stopwatch):
    start = this_year()
    with stopwatch():
        env['crm.lead']._read_group(
            [
                ('won_status', '=', 'won'),
                ('date_closed', '>=', start),
                ('date_closed', '<', start.replace(year=start.year + 1)),
            ],
            ['user_id', 'date_closed:month'],
            ['expected_revenue:sum'],
        )


def take_from_funnel(env, stopwatch):
    users = env['crm.team.member'].search([]).user_id
    months = env.company._get_sales_period(this_year(), 'half_year')
    leads = env['crm.lead'].search_count([('stage_id.is_won', '=', False)])
    with stopwatch(leads=leads):
        env['crm.sales.quota']._take_from_funnel(users, env.company, months, 'closing')


MEASURES = (
    Measure(
        "quota vs. actual, a year (stock: won, all time)",
        stock=won_by_month,
        addon=report(a_year()),
        goal=1.5,
    ),
    Measure(
        "quota vs. actual, a year (stock: won, a year)",
        stock=won_by_month_of_a_year,
        addon=report(a_year()),
    ),
    Measure(
        "quota vs. actual, all time (stock: won)",
        stock=won_by_month,
        addon=report([]),
    ),
    Measure("take all quotas from the funnel", addon=take_from_funnel),
)
