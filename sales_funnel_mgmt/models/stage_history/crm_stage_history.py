"""Define the stays of opportunities."""

from odoo import api, fields, models

from ..base.tools import get_currency_of
from .crm_lead import HISTORY_FIELDS


class CrmStageHistory(models.Model):
    """A stay is one uninterrupted time of one opportunity in one stage with one salesperson.

    Sales team and company are the same during a stay, too. Only this capability writes stays, in SQL
    (`recording`, `backfill`). Users have no right to. A stay has one amount: that of the moment when the
    opportunity left, or of now. The books therefore balance for any stages, salespeople and period: open
    at start + entered = left + open at end.
    """

    _name = 'crm.stage.history'
    _description = "Stage History"
    _inherit = ['crm.lead.link.mixin']
    _order = 'entered_at desc, id desc'
    _rec_name = 'lead_id'
    _rec_names_search = ('lead_id.name', 'lead_name')
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        ondelete='set null',
        help="Empty once the opportunity is deleted or merged into another one.",
    )
    lead_ref = fields.Integer(
        string="Opportunity ID",
        readonly=True,
        required=True,
        aggregator='count_distinct',
        help="Database ID of the opportunity; stays when the opportunity is deleted. Of a group of "
        "stays: the number of different opportunities.",
    )
    lead_name = fields.Char(
        string="Deleted Opportunity",
        readonly=True,
        help="Name that the opportunity had when it was deleted or merged.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage of this stay. Empty if the stage has been deleted, or is not known.",
    )
    previous_stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage of the stay before; the same stage if only the salesperson has changed. Empty "
        "for the first stay of an opportunity.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        ondelete='set null',
        help="Salesperson of the opportunity during this stay.",
    )
    previous_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Previous Salesperson",
        readonly=True,
        ondelete='set null',
        help="Salesperson of the stay before.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        ondelete='set null',
        help="Sales team of the opportunity during this stay.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        ondelete='set null',
        help="Company of the opportunity during this stay. If it had none, the one that it has got "
        "since.",
    )
    company_currency = fields.Many2one(
        comodel_name='res.currency',
        string="Currency",
        compute='_compute_company_currency',
        compute_sudo=True,
        help="Currency of the amounts: that of the company.",
    )
    started_at = fields.Datetime(
        string="Opportunity Since",
        readonly=True,
        required=True,
        help="When the opportunity began: it was created, or converted from a lead. The sales cycle "
        "counts from here.",
    )
    stage_entered_at = fields.Datetime(
        string="In Stage Since",
        readonly=True,
        required=True,
        help="When the opportunity entered the stage. The time in a stage counts across a change of "
        "salesperson, and across being lost or archived and taken back; the salesperson's own time "
        "does not.",
    )
    previous_stage_entered_at = fields.Datetime(
        string="In Previous Stage Since",
        readonly=True,
        help="When the opportunity had entered the stage that it came from, with this stay. Empty if "
        "only the salesperson has changed, or if it came from no stage.",
    )
    entered_at = fields.Datetime(
        readonly=True,
        required=True,
        help="When the stay began (UTC).",
    )
    left_at = fields.Datetime(
        readonly=True,
        help="When the stay ended (UTC). Empty: the opportunity is in this stage with this "
        "salesperson now.",
    )
    entry_kind = fields.Selection(
        selection=[
            ('created', "Created"),
            ('advanced', "Advanced"),
            ('moved_back', "Moved Back"),
            ('handed_over', "Handed Over"),
            ('reopened', "Reopened"),
            ('backfilled', "Rebuilt"),
        ],
        string="Entry Type",
        readonly=True,
        required=True,
        help="How the stay began. Advanced or moved back: from another stage; handed over: from "
        "another salesperson, sales team or company; reopened: it had been lost or archived; rebuilt: "
        "the stay is older than the stage history and was rebuilt from the changes that Odoo had noted in the chatter.",
    )
    change_kind = fields.Selection(
        selection=[
            ('created', "Created"),
            ('advanced', "Advanced"),
            ('won', "Won"),
            ('moved_back', "Moved Back"),
            ('handed_over', "Handed Over"),
            ('reopened', "Reopened"),
        ],
        string="Change",
        readonly=True,
        required=True,
        help="The change with which the stay began, of rebuilt stays as well; won, whether or not "
        "that win still stands.",
    )
    exit_kind = fields.Selection(
        selection=[
            ('advanced', "Advanced"),
            ('moved_back', "Moved Back"),
            ('handed_over', "Handed Over"),
            ('lost', "Lost"),
            ('archived', "Archived"),
            ('merged', "Merged"),
            ('deleted', "Deleted"),
        ],
        string="Exit Type",
        readonly=True,
        help="How the stay ended; empty while it lasts. Advanced includes won.",
    )
    entered_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        ondelete='set null',
        help="User who made the change with which the stay began.",
    )
    left_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        ondelete='set null',
        help="User who made the change with which the stay ended.",
    )
    is_won = fields.Boolean(
        string="Won Stage",
        readonly=True,
        help="During this stay, the opportunity is won.",
    )
    is_win = fields.Boolean(
        string="Win",
        readonly=True,
        help="The opportunity was won with this stay, and the win stands. The salesperson of this stay "
        "keeps the credit. A win that is taken back (moved out of the won stage, lost, merged into "
        "another opportunity) no longer counts.",
    )
    is_loss = fields.Boolean(
        string="Loss",
        readonly=True,
        help="With the end of this stay the opportunity was lost, and it has not been reopened or "
        "merged into another one since.",
    )
    is_left_by_winning = fields.Boolean(
        string="Left by Winning",
        readonly=True,
        help="The stay ended because the opportunity was won.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="Expected revenue when the stay ended, or now.",
    )
    won_amount = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="Expected revenue when the opportunity was won with this stay. A later change is a "
        "correction, which counts on its own day.",
    )
    quota_rate = fields.Float(
        string="Quota Rate (%)",
        digits=(5, 2),
        readonly=True,
        aggregator=None,
        help="Applied quota rate (0 to 100) when the stay ended, or now.",
    )
    quota_amount = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="Quota amount when the stay ended, or now.",
    )
    days = fields.Float(
        digits=(16, 1),
        compute='_compute_days',
        help="Days (of 24 hours) from the beginning of the stay to its end, or until now.",
    )

    # The index holds for concurrent transactions as well.
    _open_stay_uniq = models.UniqueIndex(
        '(lead_id) WHERE left_at IS NULL',
        "An opportunity is in one stage with one salesperson at a time.",
    )
    _lead_idx = models.Index('(lead_id, id)')
    _user_idx = models.Index('(user_id, left_at)')
    _gone_idx = models.Index('(lead_ref) WHERE lead_id IS NULL')
    _open_idx = models.Index('(stage_id, stage_entered_at) WHERE left_at IS NULL AND NOT is_won')
    _entered_idx = models.Index('(entered_at)')
    _left_idx = models.Index('(left_at) WHERE left_at IS NOT NULL')
    # All columns of the actual: PostgreSQL then reads the index and not the table.
    _win_idx = models.Index(
        '(user_id, entered_at) INCLUDE (team_id, company_id, won_amount, lead_id) WHERE is_win'
    )
    _loss_idx = models.Index('(user_id, left_at) WHERE is_loss')

    # === COMPUTE METHODS === #

    @api.depends('company_id')
    @api.depends_context('company')
    def _compute_company_currency(self):
        for stay in self:
            stay.company_currency = (stay.company_id or self.env.company).currency_id

    @api.depends('entered_at', 'left_at')
    def _compute_days(self):
        now = self.env.cr.now()
        for stay in self:
            stay.days = ((stay.left_at or now) - stay.entered_at).total_seconds() / 86_400

    @api.depends('lead_id', 'lead_name')
    def _compute_display_name(self):
        # In sudo mode: who may read the stay may read which opportunity it is of.
        for stay, stay_sudo in zip(self, self.sudo(), strict=True):
            stay.display_name = stay_sudo.lead_id.name or stay.lead_name

    def _field_to_sql(self, alias, field_expr, query=None):
        """Override to sum amounts with their currency, which is not stored, as in crm.lead."""
        if field_expr == 'company_currency':
            return get_currency_of(self.env, self._field_to_sql(alias, 'company_id', query))
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to record the pending changes of this transaction first."""
        self.env['crm.lead'].flush_model(HISTORY_FIELDS)
        return super()._search(domain, *args, **kwargs)
