"""Measure a handover of many opportunities against a plain change of salesperson in stock Odoo."""

from odoo.fields import Command
from odoo.tools import SQL

from .measure import Measure
from .stock_anchors import BATCH, open_leads, open_stages, write_salesperson

RECEIVERS = 3


def hand_over(env, stopwatch):
    """Run a handover with audit, allocation, transfer and two tasks for each opportunity."""
    stage = open_stages(env)[0]
    leads = open_leads(env, stage)
    # Opportunities without contact data would block the start.
    env.cr.execute(
        SQL("UPDATE crm_lead SET email_from = 'x@example.com' WHERE id = ANY(%s)", leads.ids)
    )
    kind = env.ref('sales_funnel_mgmt.mail_activity_type_handover_call')
    stage.handover_plan_id = env['mail.activity.plan'].create({
        'name': 'Bench',
        'res_model': 'crm.lead',
        'company_id': False,
        'template_ids': [
            Command.create({
                'activity_type_id': kind.id,
                'summary': summary,
                'responsible_type': responsible,
            })
            for summary, responsible in (
                ('Call', 'handover_incoming'),
                ('Visit', 'handover_team_leader'),
            )
        ],
    })
    givers = leads.user_id
    members = env['crm.team.member'].search([('user_id', 'not in', givers.ids)], limit=RECEIVERS)
    if len(members) < RECEIVERS:
        # Every member has some of them: the last members receive, and keep their own.
        members = env['crm.team.member'].search([], limit=RECEIVERS, order='id desc')
        leads = leads.filtered(lambda lead: lead.user_id not in members.user_id)
    env.flush_all()
    env.invalidate_all()
    with stopwatch(leads=len(leads)):
        handover = env['crm.handover']._create_from_leads(
            leads,
            receiver_ids=[Command.create({'user_id': user.id}) for user in members.user_id],
            from_user_id=False,
            reason='rebalancing',
        )
        handover.action_start()
    tasks = env['mail.activity'].search_count([('handover_line_id.handover_id', '=', handover.id)])
    if handover.unallocated_count or tasks != 2 * len(leads):
        raise AssertionError(f"not handed over: {handover.unallocated_count}, {tasks} tasks")


MEASURES = (
    Measure(
        f"hand {BATCH:,} over: audit, two tasks each (stock: write)",
        stock=write_salesperson,
        addon=hand_over,
        goal=1.0,
    ),
)
