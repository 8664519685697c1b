"""Report on quota vs. actual."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.group_measures import get_sum
from ...models.base.months import NAMED_PERIODS
from ...models.sales_quota.figures import AMOUNTS, Attainment, Coverage


class CrmQuotaReport(models.Model):
    """Quotas, actuals and open quota amounts, each a row with its own date.

    Ratios are computed from the sums of a group, at every level of a pivot.
    """

    _name = 'crm.quota.report'
    _description = "Quota vs. Actual"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'kind'

    kind = fields.Selection(
        selection=[
            ('quota', "Quota"),
            ('team_quota', "Team Quota"),
            ('won', "Won Opportunity"),
            ('correction', "Correction of a Win"),
            ('open', "Open Opportunity"),
        ],
        string="Entry",
        readonly=True,
        help="What the row is: a salesperson's quota, a team's own quota, an order taken, a later "
        "correction of a win, or an open opportunity.",
    )
    date = fields.Date(
        readonly=True,
        help="Of a quota: its month. Of an actual: the day it was won, in the company's time zone. Of an open "
        "opportunity: its expected closing, or today if that has passed.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Salesperson of the quota, of the win, or of the open opportunity. A win is credited to the "
        "salesperson who won it, even if somebody else has the customer today.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the quota, of the win, of the open opportunity.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of the quota or the opportunity; of an opportunity without one: the "
        "salesperson's.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    quota = fields.Monetary(
        readonly=True,
        help="Sum of the salespeople's quotas, drafts included. The teams' own quotas are not in it.",
    )
    team_quota = fields.Monetary(
        readonly=True,
        help="Sum of the teams' own quotas, to compare with the sum of their members'.",
    )
    team_difference = fields.Monetary(
        string="Team Quota - Members' Quotas",
        readonly=True,
        help="Team quota - quota: what the team's own quota is above (or, below 0, under) the sum "
        "of its members'. Empty where there is no team quota.",
    )
    actual = fields.Monetary(
        readonly=True,
        help="Orders really taken: the expected revenue that opportunities had when they were won, on "
        "that day; later corrections on their own day.",
    )
    attainment = fields.Float(
        readonly=True,
        digits=(16, 4),
        aggregator='avg',
        help="Actual ÷ quota, of the sums of the group shown, converted to one currency if there "
        "are several. Empty: no quota.",
    )
    gap = fields.Monetary(
        readonly=True,
        help="Actual - quota: below 0, so much is missing.",
    )
    open_quota_amount = fields.Monetary(
        readonly=True,
        help="Quota amounts (expected revenue × quota rate) of the open opportunities that are "
        "expected to close in the period. Those that should have closed are expected today.",
    )
    projection = fields.Monetary(
        readonly=True,
        help="Actual + open quota amount: what the period comes to if the open opportunities that "
        "are expected to close in it bring what they count for.",
    )
    coverage = fields.Float(
        readonly=True,
        digits=(16, 4),
        aggregator='avg',
        help="Open quota amount ÷ what remains of the quota (quota - actual), of the sums of the "
        "group shown. Below 100 %, the open opportunities do not suffice. Empty: no quota, or "
        "nothing remains.",
    )
    status = fields.Selection(
        selection=[
            ('no_quota', "No Quota"),
            ('below', "Below Quota"),
            ('met', "Quota Met"),
            ('exceeded', "Quota Exceeded"),
        ],
        readonly=True,
        help="How the salesperson stands in the month of the row, in the company: no quota (or one "
        "of 0); actual below, equal to or above the quota.",
    )
    quarter = fields.Char(
        readonly=True,
        help="Quarter of the company's fiscal year; of the calendar year if it has none.",
    )
    half_year = fields.Char(
        string="Half-year",
        readonly=True,
        help="Half of the company's fiscal year; of the calendar year if it has none.",
    )
    year = fields.Char(
        readonly=True,
        help="The company's fiscal year; the calendar year if it has none.",
    )
    period = fields.Selection(
        selection=NAMED_PERIODS,
        compute='_compute_period',
        search='_search_period',
        help="To search by: the period that is or was, in the fiscal year of your company.",
    )
    quota_state = fields.Selection(
        selection=[('draft', "Draft"), ('confirmed', "Confirmed")],
        string="Quota Status",
        readonly=True,
        help="Whether the quota is confirmed.",
    )
    quota_id = fields.Many2one(
        comodel_name='crm.sales.quota',
        string="Sales Quota",
        readonly=True,
        help="The quota of this row.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="The opportunity of this row, won or open. Empty once it is deleted.",
    )

    # === RATIOS === #

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Compute ratios and comparisons from sums, instead of averaging or adding them."""
        field_name, _separator, aggregate = aggregate_spec.partition(':')
        if field_name in ('attainment', 'coverage'):
            quota, actual, open_quota_amount = (get_sum(self, name, query) for name in AMOUNTS)
            if field_name == 'attainment':
                return Attainment.sql(quota, actual)
            return Coverage.sql(quota, actual, open_quota_amount)
        if field_name == 'team_difference' and aggregate in ('sum', 'sum_currency'):
            return SQL(
                "%s - COALESCE(%s, 0)",
                self._read_group_select(f'team_quota:{aggregate}', query),
                self._read_group_select(f'quota:{aggregate}', query),
            )
        return super()._read_group_select(aggregate_spec, query)

    # === COMPUTE METHODS === #

    def _compute_period(self):
        """Leave the field empty: it only serves searches, since a row is in several periods."""
        self.period = False

    def _search_period(self, operator, value):
        if operator != 'in':
            return NotImplemented
        if unknown := set(value) - dict(NAMED_PERIODS).keys():
            raise ValueError(f"Unknown periods: {unknown}")
        today = self.env.company._get_sales_today()
        periods = [self.env.company._get_named_sales_period(today, name) for name in value]
        return Domain.OR(
            Domain('date', '>=', months[0])
            & Domain('date', '<', months[-1] + relativedelta(months=1))
            for months in periods
        )

    # === ACTION METHODS === #

    @api.readonly
    def action_open_source(self):
        """Open the quota or the opportunity of this row, if it still exists."""
        check_one(self)
        source = self._get_source()
        return source.get_formview_action() if source else False

    def _get_source(self):
        """Return the record that this row comes from."""
        return self.quota_id or self.lead_id
