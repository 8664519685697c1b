"""Write the sheet of quota vs. actual."""

from odoo.fields import Domain

from ...base.months import first_of_month
from ...sales_quota.figures import AMOUNTS, Attainment, Coverage, Gap, Projection
from .rows import Rows
from .sheet import CHART_SIZE, Sheet
from .writer import Column, Formula

REPORT = 'crm.quota.report'


class QuotaSheet(Sheet):
    """Quota vs. actual by salesperson and by month: each table adds up the next finer one."""

    def get_title(self):
        return self.env._("Quota vs. Actual")

    def open(self):
        """Add the sheets by salesperson and by month."""
        self.sheet = self.add_sheet(self.get_title(), self.get_note())
        self.month_sheet = self.add_sheet(self.env._("Quota by Month"), self.get_note())

    def fill(self):
        """Write the sheets and their rows."""
        book = self.book
        # Quotas of teams are not added to those of their members.
        self.domain = (
            Domain('date', '>=', book.first) & Domain('date', '<=', book.last) & book.get_filter()
        )
        book.add_rows('quota', self.get_rows())
        months = self.write_months()
        self.write_salespeople(months)

    def get_rows(self):
        """Return the rows of quotas, actuals and open opportunities."""
        rows = Rows(
            self.book,
            self.env._("Rows – Quotas and Actuals"),
            self.book.report(REPORT),
            self.domain,
            'date, id',
        )
        rows.add_figure('date', 'date', 12)
        rows.add_text('kind')
        for name in ('user_id', 'team_id', 'company_id', 'lead_id'):
            rows.add_text(name, 30 if name == 'lead_id' else 20)
        rows.add_customer()
        rows.add_amounts('quota', 'team_quota', 'actual', 'open_quota_amount')
        rows.add_text('quota_state', 12)
        rows.add_key('user_id')
        rows.add_key('lead_id')
        rows.add(
            'month',
            self.env._("Month"),
            'month',
            lambda row: first_of_month(row['date']),
            10,
            True,
        )
        return rows

    def get_columns(self):
        """Return the columns of the figures."""
        column = self.book.column
        return [
            column(REPORT, 'quota', 'amount', width=17),
            column(REPORT, 'actual', 'amount', width=17),
            column(REPORT, 'gap', 'amount', width=17),
            column(REPORT, 'attainment', 'percent'),
            column(REPORT, 'open_quota_amount', 'amount', width=17),
            column(REPORT, 'projection', 'amount', width=17),
            column(REPORT, 'coverage', 'percent'),
        ]

    def write_months(self):
        """Write the table by salesperson and month."""
        rows = self.book.rows['quota']
        found = self.read_amounts(['user_id', 'date:month'])
        table = self.add_table(
            [
                *self.key_columns(self.env._("Salesperson")),
                Column('month', self.env._("Month"), 'month', 10),
                *self.get_columns(),
            ],
            sheet=self.month_sheet,
        )
        cells = {(user.id or 0, month): figures for (user, month), figures in found}
        names = self.get_people(found)
        order = {id_: number for number, id_ in enumerate(names)}
        for user_id, month in sorted(cells, key=lambda cell: (order[cell[0]], cell[1])):
            figures = cells[user_id, month]
            criteria = {'user_id': table.key_cell('key'), 'month': table.key_cell('month')}
            table.add({
                'key': user_id,
                'name': names[user_id],
                'month': month,
                **{name: rows.sum(name, figures[name], **criteria) for name in AMOUNTS},
                **self.get_derived(table, figures),
            })
        table.finish()
        return table

    def write_salespeople(self, months):
        """Write the table by salesperson, which adds up the months."""
        found = self.read_amounts(['user_id'])
        table = self.add_table([
            *self.key_columns(self.env._("Salesperson")),
            *self.get_columns(),
        ])
        names = self.get_people(found)
        # The highest actual stands first, in the chart as well.
        for (user,), figures in sorted(
            found, key=lambda row: (not row[0][0], -row[1]['actual'], row[0][0].id)
        ):
            table.add({
                'key': user.id or 0,
                'name': names[user.id or 0],
                **{
                    name: Formula(
                        f'=SUMIFS({months.outer_range(name)},{months.outer_range("key")},'
                        f'{table.key_cell("key")})',
                        amount,
                    )
                    for name, amount in figures.items()
                },
                **self.get_derived(table, figures),
            })
        table.finish()
        last = table.last
        total = {name: sum(figures[name] for _key, figures in found) for name in AMOUNTS}
        table.add(
            {
                'name': self.env._("Total"),
                **{name: table.sum(name, amount) for name, amount in total.items()},
                **self.get_derived(table, total),
            },
            total=True,
        )
        self.add_chart(
            'column',
            table,
            ('quota', 'actual'),
            self.env._("Quota and actual"),
            self.env._("Quota and actual: the first %(number)s salespeople", number=CHART_SIZE),
            last=last,
        )

    def read_amounts(self, groupby):
        """Return (values of the fields to group by, amounts by name) of each group."""
        rows = self.book.report(REPORT)._read_group(
            self.domain & Domain('kind', '!=', 'team_quota'),
            groupby,
            self.book.amounts(*AMOUNTS),
        )
        size = len(groupby)
        return [
            (row[:size], {name: row[size + i] or 0 for i, name in enumerate(AMOUNTS)})
            for row in rows
        ]

    def get_people(self, found):
        """Return the names of the salespeople in the result of `read_amounts`, by ID, in order."""
        users = self.env['res.users'].union(*(key[0] for key, _figures in found))
        return dict(self.get_names(users, self.nobody()))

    def get_derived(self, table, amounts):
        """Return the figures of the next row, computed from its amounts."""
        quota_cell, actual_cell, open_cell = (table.cell(name) for name in AMOUNTS)
        quota, actual, open_amount = (amounts[name] for name in AMOUNTS)
        currency = self.book.currency
        return {
            'gap': Formula(Gap.formula(quota_cell, actual_cell), Gap.value(quota, actual)),
            'attainment': Formula(
                Attainment.formula(quota_cell, actual_cell),
                Attainment.value(quota, actual, currency),
            ),
            'projection': Formula(
                Projection.formula(actual_cell, open_cell), Projection.value(actual, open_amount)
            ),
            'coverage': Formula(
                Coverage.formula(quota_cell, actual_cell, open_cell),
                Coverage.value(quota, actual, open_amount, currency),
            ),
        }
