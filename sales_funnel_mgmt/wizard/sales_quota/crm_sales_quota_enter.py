"""Define the wizard that enters quotas of several months."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...models.base.arguments import check_day, check_one


class CrmSalesQuotaEnter(models.TransientModel):
    """Ask for the quotas of salespeople or teams for a month or longer, and create them."""

    _name = 'crm.sales.quota.enter'
    _description = "Enter Sales Quotas"
    _inherit = ['crm.given.record.mixin']
    _check_company_auto = True

    source = fields.Selection(
        selection=[('amount', "An amount"), ('funnel', "Taken from the funnel")],
        required=True,
        default='amount',
        help="Where the quota comes from. An amount: you type it in. Taken from the funnel: the sum "
        "of the quota amounts of the salesperson's open opportunities now; they are kept with the "
        "quota, so that it can be explained later.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        default=lambda self: self.env.company,
        help="Company whose orders count towards the quotas.",
    )
    currency_id = fields.Many2one(
        related='company_id.currency_id', help="Currency of the amount: that of the company."
    )
    user_ids = fields.Many2many(
        comodel_name='res.users',
        string="Salespeople",
        check_company=True,
        domain=[('share', '=', False)],
        help="Each of them gets a quota.",
    )
    team_ids = fields.Many2many(
        comodel_name='crm.team',
        string="Sales Teams",
        check_company=True,
        help="Each of them gets a quota of its own, which the sum of its members' quotas is held "
        "against. It does not count towards anything else.",
    )
    period = fields.Selection(
        selection=[
            ('month', "Month"),
            ('quarter', "Quarter"),
            ('half_year', "Half-year"),
            ('year', "Year"),
        ],
        required=True,
        default='year',
        help="Length of the period. The year begins as the company's fiscal year does (on the "
        "nearest first of a month, if it begins within one), or in January.",
    )
    date = fields.Date(
        string="Any Day of the Period",
        required=True,
        default=lambda self: self.env.company._get_sales_today(),
        help="The period is the one that this day is in.",
    )
    period_label = fields.Char(
        string="Months",
        compute='_compute_period_label',
        help="First and last month of the period.",
    )
    amount = fields.Monetary(
        string="Amount for the Period",
        help="What each of the chosen salespeople or teams is to achieve in the whole period.",
    )
    spread = fields.Selection(
        selection=[
            ('even', "Evenly"),
            ('last_year', "By last year's actuals"),
            ('closing', "By expected closing"),
        ],
        string="Spread over the Months",
        required=True,
        default='even',
        help="How the amount is divided among the months; no cent is lost. By last year's actuals: "
        "in proportion to the same months a year ago. By expected closing: in proportion to the "
        "quota amounts of the open opportunities that are expected to close in each month; overdue "
        "ones count in the first month, later or undated ones in the last month. Without such figures, "
        "the parts are equal.",
    )
    closing_in_period = fields.Boolean(
        string="Only What Closes in the Period",
        help="Leave out opportunities that are expected to close after the period, or have no "
        "expected closing.",
    )
    replace_drafts = fields.Boolean(
        help="Replace drafts that are there already. Confirmed quotas are never replaced.",
    )
    confirm = fields.Boolean(
        string="Confirm Right Away",
        help="Confirmed quotas are frozen: they are changed by a revision with a reason.",
    )

    # === COMPUTE METHODS === #

    @api.depends('company_id', 'period', 'date')
    @api.depends_context('lang')
    def _compute_period_label(self):
        for wizard in self:
            if not (wizard.company_id and wizard.period and wizard.date):
                wizard.period_label = False
                continue
            check_day(self.env, wizard.date)
            months = wizard.company_id._get_sales_period(wizard.date, wizard.period)
            names = [
                format_date(self.env, month, date_format='MMMM y')
                for month in dict.fromkeys((months[0], months[-1]))
            ]
            wizard.period_label = " – ".join(names)

    # === ONCHANGE METHODS === #

    @api.onchange('source')
    def _onchange_source(self):
        """Spread by expected closing when the quotas are taken from the funnel."""
        self.spread = 'closing' if self.source == 'funnel' else 'even'

    # === ACTION METHODS === #

    def action_enter(self):
        """Create the quotas and open them."""
        check_one(self)
        self._check_owners()
        check_day(self.env, self.date)
        months = self.company_id._get_sales_period(self.date, self.period)
        Quota = self.env['crm.sales.quota']
        quotas = Quota
        if self.source == 'funnel':
            quotas = Quota._take_from_funnel(
                self.user_ids,
                self.company_id,
                months,
                self.spread,
                self.closing_in_period,
                self.replace_drafts,
            )
            if not quotas:
                raise UserError(
                    self.env._(
                        "None of these salespeople has an open opportunity with a quota amount: "
                        "there is nothing to take. Please enter an amount instead."
                    )
                )
        else:
            for owners in (self.user_ids, self.team_ids):
                quotas += Quota._enter(
                    owners,
                    self.company_id,
                    months,
                    self.amount,
                    self.spread,
                    self.replace_drafts,
                )
        if self.confirm:
            quotas.action_confirm()
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_sales_quota_action'
        )
        return {**action, 'domain': [('id', 'in', quotas.ids)], 'context': {}}

    def _check_owners(self):
        if self.source == 'funnel' and self.team_ids:
            raise UserError(
                self.env._(
                    "Only salespeople's quotas can be taken from the funnel: please enter an amount "
                    "for sales teams."
                )
            )
        if not self.user_ids and not self.team_ids:
            raise UserError(self.env._("Please choose whom the quotas are for."))
