"""Measure the workload report against plain SQL and stock's pivot, and a large territory plan."""

from .measure import Measure
from .stock_anchors import PIVOT_SETS, monetary, pivot, plain_sql

CORE = [
    'customer_count:count_distinct',
    'opportunity_count:sum',
    'expected_revenue:sum',
    'quota_amount:sum',
    'won_customer_count:count_distinct',
    'won_revenue:sum',
]
SALESPEOPLE, CUSTOMERS = 50, 5000


def workload(*aggregates):
    def work(env, stopwatch):
        with stopwatch():
            env['crm.workload.report']._read_group([], ['user_id', 'stage_id'], aggregates)

    return work


def workload_pivot(env, stopwatch):
    aggregates = [
        name.replace('company_currency', 'currency_id')
        for field in ('expected_revenue', 'quota_amount')
        for name in monetary(field)
    ]
    with stopwatch():
        env['crm.workload.report'].formatted_read_grouping_sets(
            [], PIVOT_SETS, ['__count', *dict.fromkeys(aggregates), 'customer_count:count_distinct']
        )


def concentration(env, stopwatch):
    with stopwatch():
        env['crm.concentration.report'].search_fetch([], ['customer_share'])


def territory_plan(env, stopwatch):
    """Compute a plan of the largest supported size: 5,000 customers of 50 salespeople."""
    users = env['crm.team.member'].search([], limit=SALESPEOPLE, order='id').user_id
    leads = env['crm.lead'].search([('user_id', 'in', users.ids)], order='id')
    customers = leads.customer_id[:CUSTOMERS]
    # One salesperson keeps each customer: the seeded ones are mostly shared by several.
    keepers = {lead.customer_id.id: lead.id for lead in leads if lead.customer_id in customers}
    env.cr.execute(
        'UPDATE crm_lead SET user_id = NULL WHERE user_id = ANY(%s) AND NOT id = ANY(%s)',
        (users.ids, list(keepers.values())),
    )
    env.invalidate_all()
    # In sudo mode: only the system writes lines and figures.
    plan = env['crm.territory.plan'].sudo().create({'name': "Bench", 'user_ids': users.ids})
    with stopwatch(leads=len(keepers)):
        plan._take_from_pipeline()
        plan._compute_proposal()


MEASURES = (
    Measure(
        "workload: salesperson × stage, beside plain SQL",
        stock=plain_sql,
        addon=workload(*CORE),
        goal=2.0,
    ),
    Measure(
        "workload: salesperson × stage, beside stock's pivot",
        stock=pivot('expected_revenue'),
        addon=workload(*CORE),
        goal=0.25,
    ),
    Measure(
        "workload: as a pivot with totals",
        stock=pivot('expected_revenue'),
        addon=workload_pivot,
        goal=1.0,
    ),
    Measure("workload: capacity used", addon=workload('holding_capacity:sum', 'capacity_use:avg')),
    Measure(
        "workload: stalled and overdue",
        addon=workload('stalled_count:sum', 'overdue_activity_count:sum'),
    ),
    Measure("concentration of all teams", addon=concentration),
    Measure("territory plan: 5,000 customers, 50 salespeople", addon=territory_plan),
)
