"""Measure the pivot with quota amounts, and the change of the quota rate of a stage."""

from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import open_leads, open_stages, pivot

SAMPLE = 10_000
SLICE = 1000


def rate_covered(env):
    """Return the first stage of the funnel and the number of opportunities with its rate."""
    stage = open_stages(env)[0]
    return stage, env['crm.lead'].search_count([('stage_id', '=', stage.id)])


def change_stage_rate(env, stopwatch):
    stage, count = rate_covered(env)
    rate = stage.quota_rate + 1 if stage.quota_rate < 99 else stage.quota_rate - 1
    lead = env['crm.lead']
    with stopwatch(leads=count):
        stage.write({'quota_rate': rate})
        # The work of the scheduled action after a large change.
        while lead._refresh_quota_rates([('active', '=', True)], limit=SAMPLE):
            pass


def change_probabilities(env, stopwatch):
    """Change probabilities, from which stock Odoo also computes a stored amount.

    A sample is changed by the ORM, slice by slice, and extrapolated to the stage.
    """
    stage, count = rate_covered(env)
    leads = open_leads(env, stage, limit=SAMPLE)
    with stopwatch(leads=count, scale=count / len(leads)):
        for start in range(0, len(leads), SLICE):
            leads[start : start + SLICE].write({'probability': 37})
            env.flush_all()


def update_a_column(env, stopwatch):
    """Update one column without index in PostgreSQL, as the lower limit."""
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
    # Last: the many rows that they roll back stay in the table until it is vacuumed.
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
