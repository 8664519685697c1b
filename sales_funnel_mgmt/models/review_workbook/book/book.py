"""Make a review workbook: its requester, its filters and the order of its sheets."""

from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...base.midnight import get_bounds
from ...base.report_period import with_period
from ...base.tools import get_amount_aggregates
from .communications import CommunicationsSheet
from .definitions import DefinitionsSheet
from .funnel import FunnelSheet
from .handovers import HandoversSheet
from .names import Names
from .quota import QuotaSheet
from .stage_changes import StageChangesSheet
from .stalled import StalledSheet
from .workload import WorkloadSheet
from .writer import Column, Writer


class Book:
    """The maker of a review workbook.

    All data is read as the user of the environment, in their companies, language and time zone.

    :param env: Environment of the requester.
    :param str path: File to write.
    :param date first: First day of the period; `last` is its last one.
    :param team_ids: Sales teams to include; empty: all that the requester may read.
    :param user_ids: Salespeople to include; empty: all of the teams.
    :param bool with_rows: Whether to include the rows and to make figures formulas on them.
    """

    def __init__(self, env, path, first, last, team_ids=(), user_ids=(), with_rows=True):
        self.env = env
        self.first, self.last = first, last
        self.team_ids, self.user_ids = list(team_ids), list(user_ids)
        self.with_rows = with_rows
        self.currency = env.company.currency_id
        self.rates = self._get_rates()
        self.names = Names(env)
        self.writer = Writer(
            path, self.currency, env._(" … [cut: Excel holds 32,767 characters in a cell]")
        )
        self.rows = {}
        self.figures = []
        self._currencies = {}
        self._company_currencies = {}

    # === MAKING === #

    def make(self, progress=None):
        """Write the workbook.

        :param progress: Function that is called with the percentage done. It may end the transaction:
            data read before and after a call need not be of the same moment.
        """
        progress = progress or (lambda _percent: None)
        # The sheets stand in the order of their creation, and the rows follow them.
        definitions = DefinitionsSheet(self)
        funnel = FunnelSheet(self)
        quota = QuotaSheet(self)
        changes = StageChangesSheet(self)
        stalled = StalledSheet(self)
        communications = CommunicationsSheet(self)
        workload = WorkloadSheet(self)
        handovers = HandoversSheet(self)
        # Figures and their rows are read in the same step.
        quota.fill()
        progress(15)
        changes.fill()
        funnel.read_flow()
        progress(45)
        stalled.fill()
        workload.fill()
        funnel.read_now()
        progress(70)
        funnel.read_cohort()
        funnel.fill()
        progress(75)
        communications.fill()
        progress(90)
        handovers.fill()
        definitions.fill()
        self.writer.close()
        progress(95)

    def add_rows(self, key, rows):
        """Write the rows of a report, if the workbook includes rows."""
        if self.with_rows:
            rows.fill()
        self.rows[key] = rows

    # === WHAT IS READ === #

    def report(self, model):
        """Return the model of a report, with the period in its context."""
        return with_period(self.env[model], [str(self.first), str(self.last)])

    def get_filter(self, user_field='user_id', team_field='team_id'):
        """Return the domain of the salespeople and teams."""
        domain = Domain.TRUE
        if self.user_ids:
            domain &= Domain(user_field, 'in', self.user_ids)
        if self.team_ids:
            domain &= Domain(team_field, 'in', self.team_ids)
        return domain

    def get_moments(self):
        """Return the moments (UTC) at which the period begins and ends."""
        return get_bounds(self.first, self.last, self.env.company._get_sales_zone())

    def in_period(self, field_name='date'):
        """Return the domain that limits a field to the period."""
        begin, end = self.get_moments()
        return Domain(field_name, '>=', begin) & Domain(field_name, '<', end)

    def in_days(self, field_name='day'):
        """Return the domain that limits a day to the period."""
        return Domain(field_name, '>=', self.first) & Domain(field_name, '<=', self.last)

    def amounts(self, *field_names):
        """Return the aggregates of amounts, in the currency of the company."""
        return get_amount_aggregates(self.env, field_names)

    def _get_rates(self):
        """Return the rates of the currencies to that of the company, as in the reports: those of today.

        There are no rates if there is only one currency."""
        if len(self.env.companies.currency_id) <= 1:
            return {}
        rate = self.env['res.currency.rate']._fields
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (currency_id) currency_id, %(rate)s
                  FROM res_currency_rate rate
                 WHERE company_id IS NULL OR company_id = %(company_id)s
              ORDER BY currency_id, company_id,
                       CASE WHEN name <= %(today)s THEN name END DESC,
                       CASE WHEN name > %(today)s THEN name END ASC
                """,
                rate=SQL.identifier('rate', 'rate', to_flush=rate['rate']),
                company_id=self.env.company.root_id.id,
                today=self.env.company._get_sales_today(),
            )
        )
        return {**dict.fromkeys(self.env.companies.currency_id.ids, 1.0), **dict(rows)}

    def get_currency(self, id_):
        """Return a currency, once for all of its cells; without one, that of the company."""
        if id_ not in self._currencies:
            currency = self.env['res.currency'].browse(id_) if id_ else self.currency
            self._currencies[id_] = currency
        return self._currencies[id_]

    def get_company_currency(self, id_):
        """Return the currency of a company, by default that of the current company."""
        if id_ not in self._company_currencies:
            # In sudo mode: any user may know the currency of a company.
            company_sudo = self.env['res.company'].sudo().browse(id_ or [])
            currency = company_sudo.currency_id.with_env(self.env) or self.currency
            self._company_currencies[id_] = currency
        return self._company_currencies[id_]

    # === CONTENTS === #

    def column(self, model, field_name, style='count', key=None, width=13, title=None):
        """Return the column of a figure: title and meaning are those of the report's field."""
        field = self.env[model]._fields[field_name].get_description(self.env, ['string', 'help'])
        return Column(
            key or field_name, title or field['string'], style, width, field.get('help') or ''
        )

    def describe(self, sheet, columns):
        """Store the meaning of the columns of a sheet, for the sheet of definitions."""
        self.figures.extend((sheet, column.title, column.help) for column in columns if column.help)

    def get_period_text(self):
        """Return the period as text."""
        return self.env._(
            "%(first)s – %(last)s",
            first=format_date(self.env, self.first),
            last=format_date(self.env, self.last),
        )
