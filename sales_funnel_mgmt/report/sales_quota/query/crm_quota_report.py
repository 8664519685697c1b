"""Build the query of Quota vs. Actual: a union with one part for each source of rows."""

from odoo import api, fields, models
from odoo.tools import SQL

from ....models.base.company_day import get_company_day
from ....models.base.months import MID_MONTH
from ....models.base.tools import get_company_of, is_open_opportunity, join_owner
from ....models.sales_quota.figures import Gap, Projection, Status
from ....models.stage_history.crm_lead import HISTORY_FIELDS

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
# The id of a row is `ID_STEP` × the id of the source record + the number of the part.
ID_STEP = 8


class CrmQuotaReport(models.Model):
    _inherit = 'crm.quota.report'
    _depends = {
        'crm.sales.quota': ['user_id', 'team_id', 'company_id', 'month', 'amount', 'state'],
        # models whose changes become stage history when they are flushed
        'crm.lead': [*HISTORY_FIELDS, 'date_deadline'],
        'crm.stage.history': ['is_win', 'user_id', 'team_id', 'company_id', 'won_amount'],
        'crm.win.correction': ['stay_id', 'date', 'amount'],
        'crm.stage': ['is_won'],
    }

    # === QUERY === #

    @property
    def _table_query(self):
        parts = self._get_parts()
        return SQL(
            """
            SELECT entry.*,
                   COALESCE(company.currency_id, %(currency_id)s) AS currency_id,
                   entry.team_quota AS team_difference,
                   -- Each row has one of the amounts.
                   %(gap)s AS gap,
                   %(projection)s AS projection,
                   NULL::numeric AS attainment,
                   NULL::numeric AS coverage,
                   %(year)s AS year,
                   %(year)s || ' H' || CEIL(date_part('month', %(shifted)s) / 6) AS half_year,
                   %(year)s || ' Q' || date_part('quarter', %(shifted)s) AS quarter,
                   CASE WHEN entry.user_id IS NOT NULL AND entry.date IS NOT NULL
                        THEN %(status)s END AS status
              FROM (%(parts)s) AS entry
         LEFT JOIN res_company company ON company.id = entry.company_id
         -- PostgreSQL skips this in a query without the status.
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
            gap=Gap.sql(SQL("entry.quota"), SQL("entry.actual")),
            projection=Projection.sql(SQL("entry.actual"), SQL("entry.open_quota_amount")),
            status=Status.sql(SQL("standing.quota"), SQL("standing.actual")),
            currency_id=self.env.company.currency_id.id,
            year=self._get_year_label(),
            shifted=self._get_shifted_date(),
        )

    @api.model
    def _get_parts(self):
        """Return the queries of the parts, each built by `_select`.

        Modules with other sources of actuals extend this method."""
        return [
            self._select_quotas(),
            self._select_wins(),
            self._select_corrections(),
            *self._select_open_opportunities(),
        ]

    @api.model
    def _get_columns(self):
        """Return names and types of the columns of each part."""
        return COLUMNS

    @api.model
    def _select(self, number, source, **columns):
        """Return the query of one part.

        :param int number: Number of the part, below `ID_STEP`.
        :param SQL source: The clauses FROM and WHERE.
        :param columns: SQL by name of column; other columns are NULL. `id` is that of the
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
        """Return the query of won stays, which keep the salesperson of the win."""
        return self._select(
            1,
            SQL(
                "FROM crm_stage_history stay %s WHERE stay.is_win AND %s",
                join_owner('stay'),
                self._get_win_condition(),
            ),
            id=SQL("stay.id"),
            kind=SQL("'won'"),
            date=self._to_date(SQL("stay.entered_at"), get_company_of('stay')),
            user_id=SQL("stay.user_id"),
            team_id=SQL("stay.team_id"),
            company_id=get_company_of('stay'),
            actual=SQL("stay.won_amount"),
            lead_id=SQL("stay.lead_id"),
        )

    @api.model
    def _select_corrections(self):
        """Return the query of the corrections of standing wins, credited to the salesperson of the win."""
        return self._select(
            5,
            SQL(
                """
                FROM crm_win_correction correction
                JOIN crm_stage_history stay ON stay.id = correction.stay_id %s
               WHERE stay.is_win AND %s
                """,
                join_owner('stay'),
                self._get_win_condition(),
            ),
            id=SQL("correction.id"),
            kind=SQL("'correction'"),
            date=self._to_date(SQL("correction.date"), get_company_of('stay')),
            user_id=SQL("stay.user_id"),
            team_id=SQL("stay.team_id"),
            company_id=get_company_of('stay'),
            actual=SQL("correction.amount"),
            lead_id=SQL("stay.lead_id"),
        )

    @api.model
    def _get_win_condition(self):
        """Return the condition of the won stays (`stay`) that count as actual: by default, all."""
        return SQL("TRUE")

    @api.model
    def _select_open_opportunities(self):
        """Return the queries of the open opportunities: those that are overdue are expected today.

        There are two queries, so that PostgreSQL finds the others by their date in an index.
        """
        today = self._to_date(SQL("%s::timestamp", fields.Datetime.now()), get_company_of('lead'))
        is_overdue = SQL("lead.date_deadline < %s", today)
        return [
            self._select_open(SQL("lead.date_deadline"), SQL("(%s) IS NOT TRUE", is_overdue)),
            self._select_open(today, is_overdue),
        ]

    @api.model
    def _select_open(self, date, condition):
        """Return the query of the open opportunities (`lead`) of a condition.

        :param SQL date: When they are expected to close.
        :param SQL condition: Condition.
        """
        amount, join = self._get_open_amount()
        return self._select(
            2,
            SQL(
                "FROM crm_lead lead %s %s WHERE %s AND %s",
                join_owner('lead'),
                join,
                is_open_opportunity('lead'),
                condition,
            ),
            id=SQL("lead.id"),
            kind=SQL("'open'"),
            date=date,
            user_id=SQL("lead.user_id"),
            team_id=SQL("lead.team_id"),
            company_id=get_company_of('lead'),
            open_quota_amount=amount,
            lead_id=SQL("lead.id"),
        )

    @api.model
    def _get_open_amount(self):
        """Return the open quota amount of an open opportunity (`lead`), and the joins that it needs."""
        return SQL("lead.quota_amount"), SQL()

    @api.model
    def _to_date(self, moment, company):
        """Return the day of a moment, in the time zone of the company.

        :param SQL moment: Expression of the moment, in UTC.
        :param SQL company: Expression of the company's ID. NULL stands for the first company.
        """
        return get_company_day(self.env, moment, company)

    @api.model
    def _get_shifted_date(self):
        """Return the date, shifted so that the year of the company begins in January."""
        return SQL(
            "(entry.date - make_interval(months => %s - 1))", self._get_first_month('company')
        )

    @api.model
    def _get_year_label(self):
        """Return the name of the year, with the rule of `res.company._get_sales_year_label`."""
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
        """Return the first month of a company's year in SQL, with the rule of
        `res.company._get_fiscal_first_month`."""
        company_fields = self.env['res.company']._fields
        if 'fiscalyear_last_month' not in company_fields:
            return SQL("1")
        last_month, last_day = (
            SQL.identifier(alias, name, to_flush=company_fields[name])
            for name in ('fiscalyear_last_month', 'fiscalyear_last_day')
        )
        return SQL(
            # January without a company
            "((COALESCE(%s::int, 12) - CASE WHEN %s < %s THEN 1 ELSE 0 END) %% 12 + 1)",
            last_month,
            last_day,
            MID_MONTH,
        )
