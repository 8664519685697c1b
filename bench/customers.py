"""Measure the customers, and their handover as a whole, against plain SQL and stock's writes."""

from odoo.fields import Command
from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import OPPORTUNITIES

BOOK = 300
FIELDS = [
    'customer_id',
    'level_id',
    'user_id',
    'opportunity_count',
    'expected_revenue',
    'quota_amount',
    'won_revenue',
    'last_contact_at',
    'silence_days',
    'next_activity_date',
]


def plain_customers(env, stopwatch):
    """Group the opportunities by customer and salesperson."""
    with stopwatch():
        env.execute_query(
            SQL(
                """
            SELECT COALESCE(partner.commercial_partner_id, -lead.id), lead.user_id, lead.company_id,
                   count(*), sum(lead.expected_revenue), max(lead.stage_id)
              FROM crm_lead lead
         LEFT JOIN res_partner partner ON partner.id = lead.partner_id
             WHERE lead.active AND lead.type = 'opportunity'
          GROUP BY 1, 2, 3
            """
            )
        )


def first_page(env, stopwatch):
    with stopwatch():
        env['crm.customer.report'].search_fetch([], FIELDS, limit=80)


def first_page_of_one(env, stopwatch):
    user = env['crm.lead'].search(OPPORTUNITIES, limit=1).user_id
    with stopwatch():
        env['crm.customer.report'].search_fetch([('user_id', '=', user.id)], FIELDS, limit=80)


def level_pivot(env, stopwatch):
    with stopwatch():
        env['crm.customer.report']._read_group(
            [],
            ['level_id', 'user_id'],
            ['customer_count:count_distinct', 'quota_amount:sum', 'won_revenue:sum'],
        )


def level_changes(env, stopwatch):
    with stopwatch():
        env['crm.level.change.report']._read_group(
            [], ['previous_level_id', 'level_id'], ['__count']
        )


def orphans(env, stopwatch):
    with stopwatch():
        env['crm.orphan.report']._read_group([], ['user_id', 'kind'], ['__count'])


def make_book(env):
    """Create customers of a salesperson, each with a lead and an opportunity; return receiver and records."""
    members = env['crm.team.member'].search([], limit=2, order='id')
    giver, receiver = (
        env['res.users'].create({
            'name': name,
            'login': name,
            'group_ids': [Command.link(env.ref('sales_team.group_sale_salesman').id)],
        })
        for name in ('bench_giver', 'bench_receiver')
    )
    team = members[:1].crm_team_id
    env['crm.team.member'].create([
        {'user_id': user.id, 'crm_team_id': team.id} for user in giver + receiver
    ])
    partners = env['res.partner'].create([
        {'name': f"Book {number}", 'user_id': giver.id, 'email': 'x@example.com'}
        for number in range(BOOK)
    ])
    leads = env['crm.lead'].create([
        {
            'name': partner.name,
            'type': type_,
            'partner_id': partner.id,
            'user_id': giver.id,
            'team_id': team.id,
        }
        for partner in partners
        for type_ in ('lead', 'opportunity')
    ])
    env.flush_all()
    env.invalidate_all()
    return giver, receiver, partners, leads


def write_book(env, stopwatch):
    _giver, receiver, partners, leads = make_book(env)
    with stopwatch(leads=len(leads)):
        partners.write({'user_id': receiver.id})
        leads.write({'user_id': receiver.id})
        env.flush_all()


def hand_over_book(env, stopwatch):
    giver, receiver, partners, leads = make_book(env)
    with stopwatch(leads=len(leads)):
        handover = env['crm.handover']._create_from_book(
            giver,
            reason='departure',
            allocation_method='single',
            receiver_ids=[Command.create({'user_id': receiver.id})],
        )
        handover.action_start()
        env.flush_all()
    if (partners.user_id | leads.user_id) != receiver:
        raise AssertionError("not handed over")


MEASURES = (
    Measure(
        "customers: first page, beside plain SQL",
        stock=plain_customers,
        addon=first_page,
        goal=3.0,
    ),
    Measure("customers: first page of one salesperson", addon=first_page_of_one),
    Measure(
        "customers: level × salesperson, beside plain SQL",
        stock=plain_customers,
        addon=level_pivot,
        goal=3.0,
    ),
    Measure("level changes: from × to", addon=level_changes),
    Measure("orphans: salesperson × kind", addon=orphans),
    Measure(
        f"hand a book of {BOOK} customers over (stock: write)",
        stock=write_book,
        addon=hand_over_book,
        goal=1.0,
    ),
)
