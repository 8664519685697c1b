"""Define the review workbook and its filters."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.date_utils import end_of

from ..base.arguments import check_day
from ..base.months import NAMED_PERIODS


class CrmReviewWorkbook(models.Model):
    """A request for a workbook (xlsx) with the review of a period, and the file once it is made.

    It belongs to its requester and is made with their rights. No other user sees it.
    """

    _name = 'crm.review.workbook'
    _description = "Review Workbook"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'id desc'
    _rec_name = 'period'

    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Made For",
        required=True,
        readonly=True,
        system=True,
        index=True,
        copy=False,
        default=lambda self: self.env.user,
        ondelete='cascade',
        help="Who asked for the workbook: it has what they may see, and nobody else can open it.",
    )
    company_ids = fields.Many2many(
        comodel_name='res.company',
        relation='crm_review_workbook_company_rel',
        column1='workbook_id',
        column2='company_id',
        string="Companies",
        readonly=True,
        system=True,
        copy=False,
        default=lambda self: self.env.companies,
        help="The companies that were chosen when the workbook was asked for; the first one's currency "
        "is that of the figures.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        string="Main Company",
        readonly=True,
        system=True,
        copy=False,
        default=lambda self: self.env.company,
        help="The figures are in the currency of this company.",
    )
    period = fields.Selection(
        selection=[*NAMED_PERIODS, ('custom', "From … to …")],
        required=True,
        default='last_month',
        help="What the workbook looks at. Quarters, half-years and years are those of the company's "
        "fiscal year.",
    )
    date_from = fields.Date(
        string="First Day",
        compute='_compute_dates',
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="First day of the period, in the time zone of the company.",
    )
    date_to = fields.Date(
        string="Last Day",
        compute='_compute_dates',
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Last day of the period, in the time zone of the company.",
    )
    team_ids = fields.Many2many(
        comodel_name='crm.team',
        relation='crm_review_workbook_team_rel',
        column1='workbook_id',
        column2='team_id',
        string="Sales Teams",
        help="Sales teams to include. Empty: all that you may see.",
    )
    user_ids = fields.Many2many(
        comodel_name='res.users',
        relation='crm_review_workbook_user_rel',
        column1='workbook_id',
        column2='user_id',
        string="Salespeople",
        context={'active_test': False},
        domain="[('share', '=', False)]",
        help="Salespeople to include. Empty: all that you may see.",
    )
    with_rows = fields.Boolean(
        string="With All Rows",
        default=True,
        help="The rows that the figures are made of come along, and the figures are formulas: everybody "
        "can recompute them. Without them, the workbook is small, and has the values alone.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "To Make"),
            ('waiting', "Waiting"),
            ('running', "Being Made"),
            ('ready', "Ready"),
            ('failed', "Failed"),
        ],
        required=True,
        readonly=True,
        system=True,
        copy=False,
        index=True,
        default='draft',
        help="A large workbook is made in the background: it waits, is being made, is ready. You are "
        "told when it is.",
    )
    progress = fields.Float(
        string="Progress (%)",
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="How far the workbook has come (0 to 100).",
    )
    attempts = fields.Integer(
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="How many times the server has begun to make it. What kills it again and again is given "
        "up.",
    )
    row_count = fields.Integer(
        string="Rows", readonly=True, system=True, copy=False, help="Rows that the workbook has."
    )
    file = fields.Binary(
        string="Workbook",
        readonly=True,
        system=True,
        copy=False,
        attachment=True,
        help="The file; it is deleted with this record after 90 days.",
    )
    file_name = fields.Char(
        compute='_compute_file_name',
        help="Name of the file: the period.",
    )
    made_at = fields.Datetime(
        string="Made On",
        readonly=True,
        system=True,
        copy=False,
        help="When the workbook was made (UTC).",
    )
    error = fields.Text(
        string="Problem",
        readonly=True,
        system=True,
        copy=False,
        help="Why the workbook could not be made.",
    )
    is_monthly = fields.Boolean(
        string="Monthly Mail",
        readonly=True,
        system=True,
        copy=False,
        help="Made for the monthly mail that you have chosen in your preferences.",
    )

    _dates_in_order = models.Constraint(
        'CHECK (date_from <= date_to)', "The period must not end before it begins."
    )

    # === COMPUTE METHODS === #

    @api.depends('period')
    def _compute_dates(self):
        for workbook in self:
            if workbook.period and workbook.period != 'custom':
                company = workbook.company_id or self.env.company
                today = company._get_sales_today()
                months = company._get_named_sales_period(today, workbook.period)
                workbook.date_from, workbook.date_to = months[0], end_of(months[-1], 'month')

    @api.depends('date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_file_name(self):
        for workbook in self:
            workbook.file_name = self.env._(
                "Review %(first)s to %(last)s.xlsx",
                first=workbook.date_from,
                last=workbook.date_to,
            )

    @api.depends('date_from', 'date_to')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for workbook in self:
            workbook.display_name = self.env._(
                "Review %(first)s – %(last)s",
                first=format_date(self.env, workbook.date_from),
                last=format_date(self.env, workbook.date_to),
            )

    # === CONSTRAINT METHODS === #

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        """Limit the period, since a quota has a row for each month of it."""
        for workbook in self:
            check_day(self.env, workbook.date_from)
            check_day(self.env, workbook.date_to)
            if workbook.date_to > workbook.date_from + relativedelta(years=10):
                raise ValidationError(
                    self.env._(
                        "%(workbook)s: please choose a period of ten years at most.",
                        workbook=workbook.display_name,
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """Refuse to change the request once it is made."""
        begun = self.filtered(lambda workbook: workbook.state != 'draft')
        if vals and begun and not self.env.su and not any(map(self._is_system_field, vals)):
            raise UserError(
                self.env._(
                    "%(workbook)s has been asked for already. Duplicate it to change something.",
                    workbook=begun[0].display_name,
                )
            )
        return super().write(vals)
