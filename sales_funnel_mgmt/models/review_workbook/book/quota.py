from odoo.fields import Domain

from .rows import Rows
from .sheet import CHART_SIZE, Sheet
from .writer import Column, Formula, divide, ratio

REPORT = 'crm.quota.report'
AMOUNTS = ('quota', 'actual', 'open_quota_amount')


class QuotaSheet(Sheet):
    """Quota vs. actual by salesperson, and by salesperson and month: each made of the next finer one."""

    def get_title(self):
        return self.env._("Quota vs. Actual")

    def open(self):
        self.sheet = self.add_sheet(self.get_title(), self.get_note())
        self.month_sheet = self.add_sheet(self.env._("Quota by Month"), self.get_note())

    def fill(self):
        book = self.book
        # teams' own quotas are not to be added to those of their members
        self.domain = (
            Domain('date', '>=', book.first) & Domain('date', '<=', book.last) & book.get_filter()
        )
        book.add_rows('quota', self.get_rows())
        months = self.write_months()
        self.write_salespeople(months)

    def get_rows(self):
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
            lambda row: row['date'].replace(day=1),
            10,
            True,
        )
        return rows

    def get_columns(self):
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
        rows = self.book.rows['quota']
        found = self.book.report(REPORT)._read_group(
            self.domain & Domain('kind', '!=', 'team_quota'),
            ['user_id', 'date:month'],
            self.book.amounts(*AMOUNTS),
        )
        table = self.add_table(
            [
                *self.key_columns(self.env._("Salesperson")),
                Column('month', self.env._("Month"), 'month', 10),
                *self.get_columns(),
            ],
            sheet=self.month_sheet,
        )
        cells = {(user.id or 0, month): figures for user, month, *figures in found}
        users = self.env['res.users'].union(*(row[0] for row in found))
        names = self.get_names(users, self.nobody())
        order = {id_: number for number, (id_, _name) in enumerate(names)}
        names = dict(names)
        for user_id, month in sorted(cells, key=lambda cell: (order[cell[0]], cell[1])):
            figures = dict(zip(AMOUNTS, cells[user_id, month], strict=True))
            criteria = {'user_id': table.key_cell('key'), 'month': table.key_cell('month')}
            table.add({
                'key': user_id,
                'name': names[user_id],
                'month': month,
                **{name: rows.sum(name, figures[name] or 0, **criteria) for name in AMOUNTS},
                **self.get_derived(table, figures),
            })
        table.finish()
        return table

    def write_salespeople(self, months):
        found = self.book.report(REPORT)._read_group(
            self.domain & Domain('kind', '!=', 'team_quota'),
            ['user_id'],
            self.book.amounts(*AMOUNTS),
        )
        table = self.add_table([
            *self.key_columns(self.env._("Salesperson")),
            *self.get_columns(),
        ])
        names = dict(
            self.get_names(self.env['res.users'].union(*(row[0] for row in found)), self.nobody())
        )
        total = dict.fromkeys(AMOUNTS, 0)
        # who achieved most comes first, in the chart as well
        for user, *amounts in sorted(
            found, key=lambda row: (not row[0], -(row[2] or 0), row[0].id)
        ):
            figures = {name: amount or 0 for name, amount in zip(AMOUNTS, amounts, strict=True)}
            for name, amount in figures.items():
                total[name] += amount
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
            'name',
            ('quota', 'actual'),
            self.env._("Quota and actual: the first %(number)s salespeople", number=CHART_SIZE)
            if last - table.first >= CHART_SIZE
            else self.env._("Quota and actual"),
            last=last,
        )

    def get_derived(self, table, figures):
        """Return what follows from the amounts of the row that is next."""
        quota, actual, open_amount = (table.cell(name) for name in AMOUNTS)
        quota_value, actual_value, open_value = (figures[name] or 0 for name in AMOUNTS)
        return {
            'gap': Formula(f'={actual}-{quota}', actual_value - quota_value),
            'attainment': ratio(actual, quota, divide(actual_value, quota_value)),
            'projection': Formula(f'={actual}+{open_amount}', actual_value + open_value),
            'coverage': ratio(
                open_amount, f'({quota}-{actual})', divide(open_value, quota_value - actual_value)
            ),
        }
