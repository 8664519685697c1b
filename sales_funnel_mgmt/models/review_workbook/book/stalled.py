"""Write the sheet of stalled opportunities."""

from odoo.fields import Domain

from .rows import Rows
from .sheet import CHART_SIZE, Sheet
from .writer import Column, Formula, divide

REPORT = 'crm.stalled.report'


class StalledSheet(Sheet):
    """The stalled opportunities by salesperson and by stage."""

    def get_title(self):
        return self.env._("Stalled")

    def get_note(self):
        return self.env._("Open opportunities, when this workbook was made")

    def fill(self):
        """Write the sheet and its rows."""
        book = self.book
        self.domain = book.get_filter()
        book.add_rows('stalled', self.get_rows())
        people = self.write_table('user_id', self.env._("Salesperson"), self.nobody())
        self.write_table('stage_id', self.env._("Stage"), self.env._("No Stage"), people)

    def get_rows(self):
        """Return the rows of stalled opportunities."""
        rows = Rows(
            self.book,
            self.env._("Rows – Stalled"),
            self.book.report(REPORT),
            self.domain,
            'days_over desc nulls last, id',
        )
        rows.add_text('lead_id', 30)
        rows.add_customer()
        rows.add_text('stage_id', 18)
        for name in ('user_id', 'team_id', 'company_id'):
            rows.add_text(name)
        rows.add_text('reason', 26)
        rows.add_figure('stage_entered_at', 'datetime', 16)
        rows.add_figure('days', 'days')
        rows.add_figure('threshold_days')
        rows.add_figure('days_over', 'days')
        rows.add_figure('silent_days', 'days')
        rows.add_figure('median_days', 'days')
        rows.add_figure('ratio', 'ratio')
        rows.add_text('severity', 18)
        rows.add_amounts('expected_revenue', 'quota_amount')
        rows.add_figure('lead_ref', 'id', 9)
        rows.add_key('user_id')
        rows.add_key('stage_id')
        rows.add_flag('is_stuck', self.env._("Stuck"), lambda row: row['severity'] == 'stuck')
        return rows

    def write_table(self, field_name, title, none, above=None):
        """Write the table by salesperson or by stage."""
        book, rows = self.book, self.book.rows['stalled']
        report = book.report(REPORT)
        amounts = book.amounts('expected_revenue', 'quota_amount')
        found = report._read_group(self.domain, [field_name], ['__count', *amounts, 'days:sum'])
        stuck = dict(
            report._read_group(
                self.domain & Domain('severity', '=', 'stuck'), [field_name], ['__count']
            )
        )
        column = book.column
        table = self.add_table(
            [
                *self.key_columns(title),
                Column('count', self.env._("Stalled")),
                column(REPORT, 'expected_revenue', 'amount', width=17),
                column(REPORT, 'quota_amount', 'amount', width=17),
                column(REPORT, 'days', 'days', width=16)._replace(
                    title=self.env._("Days in Stage (Average)")
                ),
                column(REPORT, 'severity', key='stuck', title=self.env._("Stuck")),
            ],
            after=above,
            caption=above and title,
        )
        model = self.env[report._fields[field_name].comodel_name]
        names = dict(self.get_names(model.union(*(row[0] for row in found)), none))
        totals = [0] * 5
        for record, *figures in sorted(found, key=lambda row: (not row[0], -row[1], row[0].id)):
            count, revenue, quota, days = (figure or 0 for figure in figures)
            criteria = {field_name: table.key_cell('key')}
            totals = [
                total + figure
                for total, figure in zip(
                    totals, (count, revenue, quota, days, stuck.get(record, 0)), strict=True
                )
            ]
            average = divide(days, count)
            if rows.parts:
                terms = '+'.join(rows.sum_terms('days', **criteria))
                average = Formula(f'=({terms})/{table.cell("count")}', average)
            table.add({
                'key': record.id or 0,
                'name': names[record.id or 0],
                'count': rows.number(count, **criteria),
                'expected_revenue': rows.sum('expected_revenue', revenue, **criteria),
                'quota_amount': rows.sum('quota_amount', quota, **criteria),
                'days': average,
                'stuck': rows.sum('is_stuck', stuck.get(record, 0), **criteria),
            })
        table.finish(with_filter=above is None)
        last = table.last
        count, revenue, quota, days, stuck_count = totals
        counts, averages = table.range('count'), table.range('days')
        table.add(
            {
                'name': self.env._("Total"),
                'count': table.sum('count', count),
                'expected_revenue': table.sum('expected_revenue', revenue),
                'quota_amount': table.sum('quota_amount', quota),
                'days': Formula(
                    f'=IF({table.cell("count")}>0,'
                    f'SUMPRODUCT({counts},{averages})/{table.cell("count")},"")',
                    divide(days, count),
                ),
                'stuck': table.sum('stuck', stuck_count),
            },
            total=True,
        )
        if above is None:
            self.add_chart(
                'bar',
                table,
                ('count',),
                self.env._("Stalled opportunities"),
                self.env._("Stalled: the first %(number)s salespeople", number=CHART_SIZE),
                last=last,
            )
        return table
