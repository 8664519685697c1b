"""Measure common work of stock Odoo without and with the addon."""

from odoo.tools import SQL

from .measure import Measure

BATCH = 2000

OPPORTUNITIES = [('type', '=', 'opportunity')]
# sections of a pivot by salesperson and stage: cells, both margins, the total
PIVOT_SETS = [[], ['user_id'], ['stage_id'], ['user_id', 'stage_id']]


def monetary(field_name):
    """Return the aggregates that the pivot of the web client requests for a monetary measure."""
    return [
        f'{field_name}:sum',
        'company_currency:array_agg_distinct',
        f'{field_name}:sum_currency',
    ]


def pivot(*field_names):
    """Load the pivot by salesperson × stage as the web client does."""
    aggregates = [
        '__count',
        *dict.fromkeys(aggregate for name in field_names for aggregate in monetary(name)),
    ]

    def work(env, stopwatch):
        with stopwatch():
            env['crm.lead'].formatted_read_grouping_sets(OPPORTUNITIES, PIVOT_SETS, aggregates)

    return work


def plain_sql(env, stopwatch):
    with stopwatch():
        env.execute_query(
            SQL(
                """
            SELECT user_id, stage_id, count(*), sum(expected_revenue)
              FROM crm_lead
             WHERE active AND type = 'opportunity'
          GROUP BY user_id, stage_id
            """
            )
        )


def won_by_month(env, stopwatch):
    with stopwatch():
        env['crm.lead']._read_group(
            [('won_status', '=', 'won')],
            ['user_id', 'date_closed:month'],
            ['expected_revenue:sum'],
        )


def open_stages(env):
    return env['crm.stage'].search([('is_won', '=', False)])


def open_leads(env, stage, limit=BATCH):
    """Return open opportunities of a stage, of many salespeople."""
    return env['crm.lead'].search(
        [*OPPORTUNITIES, ('stage_id', '=', stage.id)],
        limit=limit,
        order='id',
    )


def write_stage(env, stopwatch):
    first, second = open_stages(env)[:2]
    leads = open_leads(env, first)
    with stopwatch(leads=len(leads)):
        leads.write({'stage_id': second.id})


def write_salesperson(env, stopwatch):
    leads = open_leads(env, open_stages(env)[0])
    member = env['crm.team.member'].search([], limit=1, order='id desc')
    with stopwatch(leads=len(leads)):
        leads.write({'user_id': member.user_id.id, 'team_id': member.crm_team_id.id})


def create_leads(env, stopwatch):
    stage = open_stages(env)[0]
    models = open_leads(env, stage)
    values = [
        {
            'type': 'opportunity',
            'name': lead.name,
            'partner_id': lead.partner_id.id,
            'user_id': lead.user_id.id,
            'team_id': lead.team_id.id,
            'stage_id': stage.id,
            'expected_revenue': lead.expected_revenue,
        }
        for lead in models
    ]
    env.invalidate_all()
    with stopwatch(leads=len(values)):
        env['crm.lead'].create(values)


MEASURES = (
    Measure.same("plain SQL: count and sum, salesperson × stage", plain_sql),
    Measure.same("pivot of expected revenue, salesperson × stage", pivot('expected_revenue')),
    Measure.same("won amount, salesperson × month", won_by_month),
    Measure.same("write stage, batch of 2,000", write_stage, goal=1.10),
    Measure.same("write salesperson and team, batch of 2,000", write_salesperson),
    Measure.same("create, batch of 2,000", create_leads),
)
