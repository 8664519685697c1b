from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.crm_lead_stage_history import HISTORY_FIELDS
from ..periods import LENGTHS
from ..tools import get_company_of, is_open_opportunity, join_owner

# Columns of each part of the report, in this order
COLUMNS = (
    ('id', 'bigint'),
    ('kind', 'varchar'),
    ('date', 'date'),
    ('user_id', 'int4'),
    ('team_id', 'int4'),
    ('company_id', 'int4'),
    ('quota', 'numeric'),
    ('team_quota', 'numeric'),
    ('actual', 'numeric'),
    ('open_quota_amount', 'numeric'),
    ('quota_state', 'varchar'),
    ('quota_id', 'int4'),
    ('lead_id', 'int4'),
)
# Ids are `ID_STEP` × the id of the source record + a number of the part's own
ID_STEP = 8


class CrmQuotaReport(models.Model):
    """Quota vs. actual: quotas, what was achieved and what is open, each a row at its own date.

    Ratios are made of the sums of the group shown, at every level of a pivot.
    """

    _name = 'crm.quota.report'
    _description = "Quota vs. Actual"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'kind'
    _depends = {
        'crm.sales.quota': ['user_id', 'team_id', 'company_id', 'month', 'amount', 'state'],
        # whose changes become stage history when they are flushed
        'crm.lead': [*HISTORY_FIELDS, 'date_deadline'],
        'crm.stage.history': ['is_win', 'user_id', 'team_id', 'company_id', 'expected_revenue'],
        'crm.stage': ['is_won'],
    }

    kind = fields.Selection(
        selection=[
            ('quota', "Quota"),
            ('team_quota', "Team Quota"),
            ('won', "Won Opportunity"),
            ('open', "Open Opportunity"),
        ],
        string="Entry",
        readonly=True,
        help="What the row is: a salesperson's quota, a team's own quota, an order taken, or an open "
        "opportunity.",
    )
    date = fields.Date(
        readonly=True,
        help="Of a quota: its month. Of an actual: the day it was won, in your time zone. Of an open "
        "opportunity: its expected closing.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Whose quota it is, who won, who holds the open opportunity. A win is credited to who "
        "won it for good, whoever has the customer today.",
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
        help="Orders really taken: the expected revenue of won opportunities, at the day they were "
        "won.",
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
        "expected to close in the period.",
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
        selection=[
            ('this_month', "This Month"),
            ('last_month', "Last Month"),
            ('this_quarter', "This Quarter"),
            ('last_quarter', "Last Quarter"),
            ('this_half_year', "This Half-year"),
            ('last_half_year', "Last Half-year"),
            ('this_year', "This Year"),
            ('last_year', "Last Year"),
        ],
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

    # === QUERY === #

    @property
    def _table_query(self):
        parts = self._get_parts()
        return SQL(
            """
            SELECT entry.*,
                   COALESCE(company.currency_id, %(currency_id)s) AS currency_id,
                   entry.team_quota AS team_difference,
                   -- each row has one of the amounts
                   COALESCE(entry.actual, -entry.quota) AS gap,
                   COALESCE(entry.actual, entry.open_quota_amount) AS projection,
                   NULL::numeric AS attainment,
                   NULL::numeric AS coverage,
                   %(year)s AS year,
                   %(year)s || ' H' || CEIL(date_part('month', %(shifted)s) / 6) AS half_year,
                   %(year)s || ' Q' || date_part('quarter', %(shifted)s) AS quarter,
                   CASE WHEN entry.user_id IS NULL OR entry.date IS NULL THEN NULL
                        WHEN COALESCE(standing.quota, 0) = 0 THEN 'no_quota'
                        WHEN standing.actual < standing.quota THEN 'below'
                        WHEN standing.actual = standing.quota THEN 'met'
                        ELSE 'exceeded'
                   END AS status
              FROM (%(parts)s) AS entry
         LEFT JOIN res_company company ON company.id = entry.company_id
         -- PostgreSQL leaves this out of a query that does not ask for the status
         LEFT JOIN (
                SELECT user_id, company_id, date_trunc('month', date)::date AS month,
                       SUM(quota) AS quota, COALESCE(SUM(actual), 0) AS actual
                  FROM (%(parts)s) AS entry
              GROUP BY 1, 2, 3
                   ) AS standing
                ON standing.user_id = entry.user_id
               AND standing.company_id = entry.company_id
               AND standing.month = date_trunc('month', entry.date)::date
            """,
            parts=SQL(" UNION ALL ").join(parts),
            currency_id=self.env.company.currency_id.id,
            year=self._get_year_label(),
            shifted=self._get_shifted_date(),
        )

    @api.model
    def _get_parts(self):
        """Return the queries that the report unites, each made by `_select`. Modules with other
        sources of actuals extend it."""
        return [self._select_quotas(), self._select_wins(), self._select_open_opportunities()]

    @api.model
    def _get_columns(self):
        """Return names and types of the columns of each part."""
        return COLUMNS

    @api.model
    def _select(self, number, source, **columns):
        """Return the query of one part.

        :param int number: Number of the part, below `ID_STEP`.
        :param SQL source: What follows the columns: FROM and WHERE.
        :param columns: SQL by name of column; what is left out is empty. `id` is that of the
            source record.
        """
        columns['id'] = SQL("%s::bigint * %s + %s", columns['id'], ID_STEP, number)
        return SQL(
            "SELECT %s %s",
            SQL(", ").join(
                SQL(
                    "%s::%s AS %s",
                    columns.get(name, SQL("NULL")),
                    SQL(column_type),  # pylint: disable=sql-injection
                    SQL.identifier(name),
                )
                for name, column_type in self._get_columns()
            ),
            source,
        )

    @api.model
    def _select_quotas(self):
        is_team = SQL("quota.user_id IS NULL")
        return self._select(
            0,
            SQL("FROM crm_sales_quota quota"),
            id=SQL("quota.id"),
            kind=SQL("CASE WHEN %s THEN 'team_quota' ELSE 'quota' END", is_team),
            date=SQL("quota.month"),
            user_id=SQL("quota.user_id"),
            team_id=SQL("quota.team_id"),
            company_id=SQL("quota.company_id"),
            quota=SQL("CASE WHEN NOT %s THEN quota.amount END", is_team),
            team_quota=SQL("CASE WHEN %s THEN quota.amount END", is_team),
            quota_state=SQL("quota.state"),
            quota_id=SQL("quota.id"),
        )

    @api.model
    def _select_wins(self):
        """Won stays: they keep their salesperson, whoever has the customer today."""
        return self._select(
            1,
            SQL(
                "FROM crm_stage_history stay %s WHERE stay.is_win AND %s",
                join_owner('stay'),
                self._get_win_condition(),
            ),
            id=SQL("stay.id"),
            kind=SQL("'won'"),
            date=self._to_date(SQL("stay.entered_at")),
            user_id=SQL("stay.user_id"),
            team_id=SQL("stay.team_id"),
            company_id=get_company_of('stay'),
            actual=SQL("stay.expected_revenue"),
            lead_id=SQL("stay.lead_id"),
        )

    @api.model
    def _get_win_condition(self):
        """Return which won stays (`stay`) count as actual: by default, all."""
        return SQL("TRUE")

    @api.model
    def _select_open_opportunities(self):
        return self._select(
            2,
            SQL("FROM crm_lead lead %s WHERE %s", join_owner('lead'), is_open_opportunity('lead')),
            id=SQL("lead.id"),
            kind=SQL("'open'"),
            date=SQL("lead.date_deadline"),
            user_id=SQL("lead.user_id"),
            team_id=SQL("lead.team_id"),
            company_id=get_company_of('lead'),
            open_quota_amount=SQL("lead.quota_amount"),
            lead_id=SQL("lead.id"),
        )

    @api.model
    def _to_date(self, moment):
        """Return the day of a moment (SQL, in UTC), in the time zone of who reads the report."""
        zone = self.env.tz.zone
        if zone == 'UTC':
            return SQL("(%s)::date", moment)
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)

    @api.model
    def _get_shifted_date(self):
        """Return the date moved so that the company's year begins in January."""
        return SQL(
            "(entry.date - make_interval(months => %s - 1))", self._get_first_month('company')
        )

    @api.model
    def _get_year_label(self):
        """Return the name of the year, as `res.company._get_sales_year_label` makes it."""
        shifted = self._get_shifted_date()
        return SQL(
            """(date_part('year', %(shifted)s)
                || CASE WHEN %(first)s = 1 THEN ''
                        ELSE '-' || (date_part('year', %(shifted)s) + 1) END)""",
            shifted=shifted,
            first=self._get_first_month('company'),
        )

    @api.model
    def _get_first_month(self, alias):
        """Return the month with which the year of a company begins, in SQL."""
        field = self.env['res.company']._fields.get('fiscalyear_last_month')
        if not field:
            return SQL("1")
        column = SQL.identifier(alias, field.name, to_flush=field)
        return SQL("(COALESCE(%s::int, 12) %% 12 + 1)", column)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override: ratios and comparisons are made of sums, never averaged or added up."""
        field_name, _separator, aggregate = aggregate_spec.partition(':')
        if field_name in ('attainment', 'coverage'):
            # dividing each row by a rate that is 1 would take a third of the time of the report
            aggregate = 'sum_currency' if self._has_several_currencies() else 'sum'
            quota, actual, open_amount = (
                self._read_group_select(f'{name}:{aggregate}', query)
                for name in ('quota', 'actual', 'open_quota_amount')
            )
            if field_name == 'attainment':
                return SQL("COALESCE(%s, 0) / NULLIF(%s, 0)", actual, quota)
            return SQL(
                "COALESCE(%s, 0) / NULLIF(GREATEST(%s - COALESCE(%s, 0), 0), 0)",
                open_amount,
                quota,
                actual,
            )
        if field_name == 'team_difference' and aggregate in ('sum', 'sum_currency'):
            return SQL(
                "%s - COALESCE(%s, 0)",
                self._read_group_select(f'team_quota:{aggregate}', query),
                self._read_group_select(f'quota:{aggregate}', query),
            )
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _has_several_currencies(self):
        # In sudo mode: of all companies, for whom the rows are read is for others to decide.
        companies_sudo = self.env['res.company'].sudo().with_context(active_test=False)
        return len(companies_sudo._read_group([], ['currency_id'])) > 1

    # === COMPUTE METHODS === #

    def _compute_period(self):
        """A row is in several periods at once: the field is to search by."""
        self.period = False

    def _search_period(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = []
        for name in value:
            when, _separator, kind = str(name).partition('_')
            if when not in ('this', 'last') or kind not in LENGTHS:
                raise ValueError(f"Unknown period {name!r}")
            months = self.env.company._get_sales_period(today, kind)
            back = relativedelta(months=LENGTHS[kind] if when == 'last' else 0)
            domains.append(
                Domain('date', '>=', months[0] - back)
                & Domain('date', '<', months[-1] + relativedelta(months=1) - back)
            )
        return Domain.OR(domains)

    # === ACTION METHODS === #

    @api.readonly
    def action_open_source(self):
        """Open the quota or the opportunity of this row, if there still is one."""
        self.ensure_one()
        source = self._get_source()
        return source.get_formview_action() if source else False

    def _get_source(self):
        """Return the record that this row is made of."""
        return self.quota_id or self.lead_id
