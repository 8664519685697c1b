"""Measure the reports of the stage history against the most similar work in stock Odoo."""

from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import OPPORTUNITIES

YEAR = [('date', '>=', 'today -365d')]


def search_rotting(env, stopwatch):
    """Search for rotting opportunities in stock Odoo, with 100 days for each stage."""
    allow_days(env)
    with stopwatch():
        env['crm.lead'].search([('is_rotting', '=', True)])


def allow_days(env):
    env['crm.stage'].search([('is_won', '=', False)]).rotting_threshold_days = 100
    env.flush_all()


def stalled_totals(env, stopwatch):
    allow_days(env)
    with stopwatch():
        env['crm.stalled.report']._read_group(
            [], ['user_id', 'stage_id'], ['__count', 'expected_revenue:sum', 'days_over:avg']
        )


def stalled_compared(env, stopwatch):
    allow_days(env)
    with stopwatch():
        env['crm.stalled.report']._read_group([], ['user_id', 'stage_id'], ['ratio:avg'])


def won_and_lost(env, stopwatch):
    """Read stock's lead analysis: counts and days to close by current salesperson."""
    with stopwatch():
        env['crm.lead'].with_context(active_test=False)._read_group(
            [*OPPORTUNITIES, ('date_closed', '>=', 'today -365d')],
            ['user_id', 'won_status'],
            ['__count', 'expected_revenue:sum', 'day_close:avg'],
        )


def sales_cycle(env, stopwatch):
    with stopwatch():
        env['crm.sales.cycle.report']._read_group(
            YEAR,
            ['user_id'],
            ['won_count:sum', 'won_amount:sum', 'win_rate:avg', 'cycle_days:avg', 'velocity:avg'],
        )


def tracked_moves(env, stopwatch):
    """Read the moves in stock Odoo: tracking values, without amounts or days."""
    field = env['ir.model.fields']._get('crm.lead', 'stage_id').id
    with stopwatch():
        env.execute_query(
            SQL(
                """
            SELECT v.old_value_integer, v.new_value_integer, COUNT(*)
              FROM mail_tracking_value v
              JOIN mail_message m ON m.id = v.mail_message_id AND m.model = 'crm.lead'
             WHERE v.field_id = %s AND m.date >= now() - interval '365 days'
          GROUP BY v.old_value_integer, v.new_value_integer
            """,
                field,
            )
        )


def transition_matrix(env, stopwatch):
    with stopwatch():
        env['crm.stage.change.report']._read_group(
            YEAR,
            ['previous_stage_id', 'stage_id'],
            ['__count', 'expected_revenue:sum', 'days:avg'],
        )


def flow(env, stopwatch):
    report = env['crm.stage.flow.report'].with_context(report_period='last_quarter')
    with stopwatch():
        report._read_group(
            [],
            ['stage_id', 'user_id'],
            [
                f'{name}:sum'
                for name in ('open_start', 'entered', 'advanced', 'won', 'lost', 'open_end')
            ],
        )


def observed_win_rates(env, stopwatch):
    stages = env['crm.stage'].search([])
    with stopwatch():
        stages.mapped('observed_win_rate')


MEASURES = (
    Measure(
        "stalled: totals by salesperson × stage",
        stock=search_rotting,
        addon=stalled_totals,
        goal=0.5,
    ),
    Measure("stalled: compared with won", stock=search_rotting, addon=stalled_compared),
    Measure("sales cycle of a year, by salesperson", stock=won_and_lost, addon=sales_cycle),
    Measure("transition matrix of a year", stock=tracked_moves, addon=transition_matrix),
    Measure("flow of a quarter, stage × salesperson", addon=flow),
    Measure("observed win rates of all stages", addon=observed_win_rates),
)
