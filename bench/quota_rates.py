"""Quota rates: the pivot with quota amounts, and a stage rate that reaches all it covers."""

from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import open_leads, open_stages, pivot

SAMPLE = 10_000
SLICE = 1000


def rate_covered(env):
    """The first stage of the funnel, and how many open opportunities follow its rate."""
    stage = open_stages(env)[0]
    return stage, env['crm.lead'].search_count([('stage_id', '=', stage.id)])


def change_stage_rate(env, stopwatch):
    stage, count = rate_covered(env)
    rate = stage.quota_rate + 1 if stage.quota_rate < 99 else stage.quota_rate - 1
    lead = env['crm.lead']
    with stopwatch(leads=count):
        stage.write({'quota_rate': rate})
        # what the scheduled action does with a change that is too large to follow at once
        while lead._refresh_quota_rates([('active', '=', True)], limit=SAMPLE):
            pass


def change_probabilities(env, stopwatch):
    """The nearest that stock Odoo has: a percentage from which it computes a stored amount.

    Through the ORM, slice by slice, on a sample, scaled to all of the stage.
    """
    stage, count = rate_covered(env)
    leads = open_leads(env, stage, limit=SAMPLE)
    with stopwatch(leads=count, scale=count / len(leads)):
        for start in range(0, len(leads), SLICE):
            leads[start : start + SLICE].write({'probability': 37})
            env.flush_all()


def update_a_column(env, stopwatch):
    """The floor: PostgreSQL alone, one column without index, of the same opportunities."""
    stage, count = rate_covered(env)
    with stopwatch(leads=count):
        env.cr.execute(
            SQL(
                "UPDATE crm_lead SET color = COALESCE(color, 0) + 1 WHERE stage_id = %s AND active",
                stage.id,
            )
        )


MEASURES = (
    Measure(
        "pivot of quota amount, salesperson × stage",
        stock=pivot('expected_revenue'),
        addon=pivot('quota_amount'),
        goal=1.25,
    ),
    Measure(
        "pivot of both amounts, salesperson × stage",
        stock=pivot('expected_revenue'),
        addon=pivot('expected_revenue', 'quota_amount'),
    ),
    # last, for their many rolled back rows stay in the table until it is vacuumed
    Measure(
        "change a stage's rate (stock: probability)",
        stock=change_probabilities,
        addon=change_stage_rate,
        goal=0.1,
    ),
    Measure(
        "change a stage's rate (stock: one UPDATE)",
        stock=update_a_column,
        addon=change_stage_rate,
    ),
)
