"""Report on the changes of salesperson, with the handovers behind them."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmSalespersonChangeReport(models.Model):
    """Report with one row for each change of salesperson.

    A change is a stay in the stage history with another salesperson than the previous stay.
    """

    _name = 'crm.salesperson.change.report'
    _description = "Salesperson Change"
    _inherit = ['crm.lead.link.mixin', 'crm.company.day.mixin']
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'

    date = fields.Datetime(
        readonly=True,
        help="When the salesperson changed (UTC). A change of a lost or archived opportunity counts "
        "from when it is reopened.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="Opportunity that changed hands. Empty once it is deleted or merged into another one.",
    )
    lead_name = fields.Char(
        string="Deleted Opportunity",
        readonly=True,
        help="Name that the opportunity had when it was deleted or merged.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="From",
        readonly=True,
        help="Salesperson before the change. Empty: nobody.",
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="To",
        readonly=True,
        help="Salesperson after the change. Empty: nobody.",
    )
    changed_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        help="User who made the change.",
    )
    kind = fields.Selection(
        selection=[
            ('handover', "Handover"),
            ('changed', "Direct change"),
            ('assigned', "First assignment"),
            ('removed', "Removed"),
        ],
        readonly=True,
        help="Handover: in a handover, or given back when it was undone. Direct change: from one "
        "salesperson to another by any other way. First assignment: from nobody to a salesperson. Removed: "
        "from a salesperson to nobody.",
    )
    handover_id = fields.Many2one(
        comodel_name='crm.handover',
        readonly=True,
        help="Handover that the opportunity changed hands in.",
    )
    handover_line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        readonly=True,
        help="Line of the handover that the opportunity changed hands in.",
    )
    reason = fields.Selection(
        selection=lambda self: (
            self.env['crm.handover']._fields['reason']._description_selection(self.env)
        ),
        readonly=True,
        help="Why: the reason of the handover.",
    )
    explanation = fields.Char(
        readonly=True,
        help="Why, in words: the reason given for a locked opportunity, else the explanation of the "
        "handover.",
    )
    is_lock_overridden = fields.Boolean(
        string="In Spite of the Lock",
        readonly=True,
        help="The stage had the salesperson lock; a sales administrator gave a reason.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        help="Stage of the opportunity after the change.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the opportunity after the change.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of the opportunity.",
    )
    company_currency = fields.Many2one(
        comodel_name='res.currency',
        string="Currency",
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="Expected revenue when the stay that the change began ended, or now.",
    )
    number = fields.Integer(
        string="Changes",
        readonly=True,
        help="Number of changes of salesperson.",
    )

    _depends = {
        'crm.lead': HISTORY_FIELDS,
        'crm.stage.history': [
            'lead_id',
            'lead_name',
            'stage_id',
            'previous_stage_id',
            'user_id',
            'previous_user_id',
            'team_id',
            'company_id',
            'entered_at',
            'entered_by_id',
            'expected_revenue',
            'handover_line_id',
        ],
        'crm.handover.line': ['handover_id', 'override_reason'],
        'crm.handover': ['reason', 'note'],
        'res.company': ['currency_id'],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT stay.id, stay.entered_at AS date, %(day)s AS day, stay.lead_id, stay.lead_name,
                   stay.previous_user_id AS from_user_id, stay.user_id AS to_user_id,
                   stay.entered_by_id AS changed_by_id,
                   CASE WHEN line.id IS NOT NULL THEN 'handover'
                        WHEN stay.previous_user_id IS NULL THEN 'assigned'
                        WHEN stay.user_id IS NULL THEN 'removed'
                        ELSE 'changed' END AS kind,
                   line.handover_id, line.id AS handover_line_id, handover.reason,
                   COALESCE(NULLIF(line.override_reason, ''), handover.note) AS explanation,
                   NULLIF(line.override_reason, '') IS NOT NULL AS is_lock_overridden,
                   stay.stage_id, stay.team_id, stay.company_id,
                   COALESCE(company.currency_id, %(currency_id)s) AS company_currency,
                   stay.expected_revenue, 1 AS number
              FROM crm_stage_history stay
         LEFT JOIN crm_handover_line line ON line.id = stay.handover_line_id
         LEFT JOIN crm_handover handover ON handover.id = line.handover_id
         LEFT JOIN res_company company ON company.id = stay.company_id
                   %(owner)s
             WHERE stay.previous_user_id IS DISTINCT FROM stay.user_id
               -- The first stay of an opportunity is no change.
               AND (stay.previous_user_id IS NOT NULL
                    OR stay.previous_stage_id IS NOT NULL
                    OR EXISTS (SELECT 1
                                 FROM crm_stage_history earlier
                                WHERE earlier.lead_id = stay.lead_id
                                  AND earlier.id < stay.id))
            """,
            day=self._select_day(SQL("stay.entered_at")),
            owner=self._join_day(),
            currency_id=self.env.company.currency_id.id,
        )

    @api.depends('lead_id', 'lead_name')
    def _compute_display_name(self):
        # In sudo mode: who may read the change may read which opportunity it is of.
        for change, change_sudo in zip(self, self.sudo(), strict=True):
            change.display_name = change_sudo.lead_id.name or change.lead_name
