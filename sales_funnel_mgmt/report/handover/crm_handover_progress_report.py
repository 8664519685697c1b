"""Report on the tasks of handovers: planned, done, late and overdue."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.company_day import get_company_today
from ...models.base.group_measures import get_ratio, get_sum


class CrmHandoverProgressReport(models.Model):
    """Report with one row for each task of a handover."""

    _name = 'crm.handover.progress.report'
    _description = "Handover Progress"
    _inherit = ['crm.lead.link.mixin']
    _auto = False
    _order = 'date_deadline, id'
    _rec_name = 'lead_id'

    handover_id = fields.Many2one(
        comodel_name='crm.handover', readonly=True, help="Handover that the task belongs to."
    )
    line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        string="Handover Line",
        readonly=True,
        help="Line of the handover that the task belongs to.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="Opportunity that is handed over.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        readonly=True,
        help="Salesperson of the opportunity before the handover.",
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Receiver",
        readonly=True,
        help="Salesperson who gets the opportunity.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Assigned to",
        readonly=True,
        help="Who does the task.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        help="Stage of the opportunity when the handover was started.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team that the opportunity goes to.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, help="Company of the handover."
    )
    activity_type_id = fields.Many2one(
        comodel_name='mail.activity.type',
        string="Kind of Task",
        readonly=True,
        help="Visit, call, e-mail...",
    )
    summary = fields.Char(string="Task", readonly=True, help="What is to be done.")
    is_mandatory = fields.Boolean(
        string="Mandatory",
        readonly=True,
        help="The opportunity counts as handed over when this task is done.",
    )
    wave = fields.Integer(
        readonly=True, aggregator=None, help="Wave of the handover that the task belongs to."
    )
    date_deadline = fields.Date(string="Due Date", readonly=True, help="When the task is due.")
    date_done = fields.Date(string="Done On", readonly=True, help="When the task was done (UTC).")
    status = fields.Selection(
        selection=[
            ('open', "Open"),
            ('overdue', "Overdue"),
            ('done', "Done"),
            ('late', "Done Late"),
        ],
        readonly=True,
        help="Overdue: open after its due date. Done late: done after it.",
    )
    planned = fields.Integer(
        readonly=True, help="Number of tasks, of the waves that have begun; done ones included."
    )
    done = fields.Integer(readonly=True, help="Number of tasks that are done.")
    late = fields.Integer(
        string="Done Late",
        readonly=True,
        help="Number of tasks that were done after their due date.",
    )
    overdue = fields.Integer(
        readonly=True, help="Number of tasks that are open after their due date."
    )
    share_done = fields.Float(
        string="Share Done (%)",
        readonly=True,
        aggregator='avg',
        help="Done ÷ planned tasks of the group shown, in percent.",
    )

    _depends = {
        'mail.activity': [
            'handover_line_id',
            'is_handover_mandatory',
            'activity_type_id',
            'user_id',
            'summary',
            'active',
            'date_deadline',
            'date_done',
        ],
        'crm.handover.line': [
            'handover_id',
            'lead_id',
            'stage_id',
            'from_user_id',
            'to_user_id',
            'to_team_id',
            'company_id',
            'wave',
        ],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT task.id, line.handover_id, line.id AS line_id, line.lead_id,
                   line.from_user_id, line.to_user_id, task.user_id, line.stage_id,
                   COALESCE(line.to_team_id, line.previous_team_id) AS team_id, line.company_id,
                   task.activity_type_id, task.summary,
                   COALESCE(task.is_handover_mandatory, FALSE) AS is_mandatory, line.wave,
                   task.date_deadline, task.date_done,
                   CASE WHEN task.active AND task.date_deadline < %(today)s THEN 'overdue'
                        WHEN task.active THEN 'open'
                        WHEN task.date_done > task.date_deadline THEN 'late'
                        ELSE 'done' END AS status,
                   1 AS planned,
                   CASE WHEN task.active THEN 0 ELSE 1 END AS done,
                   CASE WHEN NOT task.active AND task.date_done > task.date_deadline
                        THEN 1 ELSE 0 END AS late,
                   CASE WHEN task.active AND task.date_deadline < %(today)s
                        THEN 1 ELSE 0 END AS overdue,
                   CASE WHEN task.active THEN 0.0 ELSE 100.0 END AS share_done
              FROM mail_activity task
              JOIN crm_handover_line line ON line.id = task.handover_line_id
            """,
            today=get_company_today(self.env, SQL("line.company_id")),
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to divide the done by the planned tasks of a group."""
        if aggregate_spec == 'share_done:avg':
            return get_ratio(get_sum(self, 'done', query), get_sum(self, 'planned', query), 100)
        return super()._read_group_select(aggregate_spec, query)
