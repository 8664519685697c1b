"""Measure a run of the stall alerts against the scheduling of activities in stock Odoo."""

from .measure import Measure
from .stock_anchors import OPPORTUNITIES, open_stages

BATCH = 200
PER_SALESPERSON = 100


def alerts(env):
    """Return the number of alerts that a run opens: the limit of each salesperson."""
    salespeople = env['crm.lead']._read_group(OPPORTUNITIES, [], ['user_id:count_distinct'])[0][0]
    return salespeople * PER_SALESPERSON


def schedule_activities(env, stopwatch):
    """Schedule an activity on each opportunity, with a notification of its salesperson."""
    leads = env['crm.lead'].search(
        [*OPPORTUNITIES, ('stage_id', 'in', open_stages(env).ids), ('user_id', '!=', False)],
        limit=BATCH,
        order='id',
    )
    with stopwatch(leads=alerts(env), scale=alerts(env) / len(leads)):
        for user, own in leads.grouped('user_id').items():
            own.activity_schedule('mail.mail_activity_data_todo', user_id=user.id)


def run_alerts(env, stopwatch):
    """Run the alerts for the first time, over all opportunities."""
    env['res.company'].search([]).write({'stall_open_alerts_max': PER_SALESPERSON})
    alert = env['crm.stall.alert'].sudo()
    env.flush_all()
    with stopwatch(leads=alerts(env)):
        alert._close_and_resume()
        alert._record()
        while alert._raise_batch():
            # As the scheduled action does with each commit.
            env.flush_all()
            env.invalidate_all()
    opened = alert.search_count([('state', '=', 'open')])
    if opened != alerts(env):
        raise ValueError(f"{opened} alerts were opened")


def set_thresholds(env):
    open_stages(env).write({'rotting_threshold_days': 30})
    env.flush_all()


def count_rotting(env, stopwatch):
    set_thresholds(env)
    with stopwatch():
        env['crm.lead'].search_count([*OPPORTUNITIES, ('is_rotting', '=', True)])


def count_stalled(env, stopwatch):
    set_thresholds(env)
    with stopwatch():
        env['crm.lead'].search_count([*OPPORTUNITIES, ('is_stalled', '=', True)])


MEASURES = (
    Measure(
        "stall alerts (stock: activity_schedule)",
        stock=schedule_activities,
        addon=run_alerts,
        goal=0.33,
    ),
    Measure(
        "count what is stalled (stock: rotting, no silence)",
        stock=count_rotting,
        addon=count_stalled,
    ),
)
