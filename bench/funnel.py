"""Measure the modes of the funnel, for one salesperson and for all, against plain SQL."""

from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import OPPORTUNITIES


def busiest(env):
    """Return the salesperson with the most opportunities."""
    [(user_id,)] = env.execute_query(
        SQL(
            """
            SELECT user_id FROM crm_lead WHERE user_id IS NOT NULL AND active
          GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT 1
            """
        )
    )
    return env['res.users'].browse(user_id)


def plain_sql_of_one(env, stopwatch):
    user = busiest(env)
    with stopwatch():
        env.execute_query(
            SQL(
                """
                SELECT stage_id, count(*), sum(expected_revenue)
                  FROM crm_lead
                 WHERE active AND type = 'opportunity' AND user_id = %s
              GROUP BY stage_id
                """,
                user.id,
            )
        )


def funnel_of_one(mode):
    """Load the funnel as the salesperson, with Odoo's filter for the own pipeline."""

    def work(env, stopwatch):
        user = busiest(env)
        funnel = env['crm.funnel.report'].with_user(user)
        domain = [*OPPORTUNITIES, ('user_id', '=', user.id)]
        with stopwatch():
            funnel.get_funnel(domain, mode, None, 'last_quarter')

    return work


def funnel_of_all(mode, split='user_id'):
    def work(env, stopwatch):
        with stopwatch():
            env['crm.funnel.report'].get_funnel(OPPORTUNITIES, mode, split, 'last_quarter')

    return work


MEASURES = (
    *(
        Measure(
            f"funnel of one salesperson: {mode}",
            stock=plain_sql_of_one,
            addon=funnel_of_one(mode),
            goal=5,
        )
        for mode in ('now', 'flow', 'cohort')
    ),
    *(
        Measure(f"funnel of all, by salesperson: {mode}", addon=funnel_of_all(mode))
        for mode in ('now', 'flow', 'cohort')
    ),
)
