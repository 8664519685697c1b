"""Write the sheet of workload and concentration."""

from ...workload.concentration import Index, Share
from .rows import Rows
from .sheet import CHART_SIZE, Sheet
from .writer import Column, Formula

REPORT = 'crm.workload.report'
NUMBERS = ('customer_count', 'opportunity_count')
AMOUNTS = ('expected_revenue', 'quota_amount', 'won_revenue')


class WorkloadSheet(Sheet):
    """The workload of the salespeople and the concentration of won customers."""

    def get_title(self):
        return self.env._("Workload")

    def get_note(self):
        return self.env._("Opportunities open and won, when this workbook was made")

    def fill(self):
        """Write the sheet and its rows."""
        self.book.add_rows('opportunities', self.get_rows())
        self.write_table()

    def get_rows(self):
        """Return the rows of opportunities."""
        rows = Rows(
            self.book,
            self.env._("Rows – Opportunities"),
            self.book.report(REPORT),
            self.book.get_filter(),
            'id',
        )
        rows.add_text('lead_id', 30)
        rows.add_text('customer_id', 26)
        rows.add_text('user_id')
        rows.add_text('stage_id', 18)
        for name in ('team_id', 'company_id'):
            rows.add_text(name)
        rows.add_amounts(*AMOUNTS)
        rows.add_numbers('stalled_count', 'overdue_activity_count')
        rows.use('is_won', 'customer_count', 'won_customer_count')
        rows.add_key('lead_id')
        rows.add_key('user_id')
        rows.add_key('stage_id')
        rows.add_flag('is_won', self.env._("Won"), lambda row: row['is_won'])
        rows.add_first(
            'first_open_stage',
            self.env._("Customer Counted (Stage, Open)"),
            lambda row: None if row['is_won'] else (row['stage_id'], row['customer_count']),
        )
        rows.add_first(
            'first_user',
            self.env._("Customer Counted (Salesperson)"),
            lambda row: (row['user_id'], row['customer_count']),
        )
        rows.add_first('first', self.env._("Customer Counted"), lambda row: row['customer_count'])
        rows.add_first(
            'first_won',
            self.env._("Won Customer Counted"),
            lambda row: row['customer_count'] if row['is_won'] else None,
        )
        rows.add_first(
            'first_won_user',
            self.env._("Won Customer Counted (Salesperson)"),
            lambda row: (row['user_id'], row['customer_count']) if row['is_won'] else None,
        )
        return rows

    def write_table(self):
        """Write the table by salesperson."""
        book, rows = self.book, self.book.rows['opportunities']
        aggregates = [
            'customer_count:count_distinct',
            'opportunity_count:sum',
            'won_customer_count:count_distinct',
            'stalled_count:sum',
            'overdue_activity_count:sum',
            *book.amounts(*AMOUNTS),
        ]
        keys = [aggregate.split(':')[0] for aggregate in aggregates]
        by_user, [of_all] = book.report(REPORT)._read_grouping_sets(
            book.get_filter(), [['user_id'], []], aggregates
        )
        column = book.column
        table = self.add_table([
            *self.key_columns(self.env._("Salesperson")),
            column(REPORT, 'customer_count', width=11),
            column(REPORT, 'opportunity_count'),
            column(REPORT, 'expected_revenue', 'amount', width=17),
            column(REPORT, 'quota_amount', 'amount', width=17),
            column(REPORT, 'won_customer_count'),
            Column(
                'share',
                self.env._("Share of Won Customers"),
                'percent',
                13,
                self.env._(
                    "Won customers ÷ the different won customers of the rows shown, in the total. A "
                    "customer of two salespeople counts with each, so that shares can add up to more "
                    "than 100%."
                ),
            ),
            column(REPORT, 'won_revenue', 'amount', width=17),
            Column(
                'value_share',
                self.env._("Share of Won Value"),
                'percent',
                13,
                self.env._(
                    "Won value ÷ the sum of the won value of the rows shown. A value below 0 counts as 0."
                ),
            ),
            column(REPORT, 'stalled_count', width=11),
            column(REPORT, 'overdue_activity_count', width=11),
        ])
        names = dict(
            self.get_names(self.env['res.users'].union(*(row[0] for row in by_user)), self.nobody())
        )
        people = [(user, dict(zip(keys, figures, strict=True))) for user, *figures in by_user]
        people.sort(key=lambda row: (not row[0], -(row[1]['expected_revenue'] or 0), row[0].id))
        last = table.first + max(len(people) - 1, 0)
        total = dict(zip(keys, of_all, strict=True))
        won = total['won_customer_count']
        won_revenue = sum(max(figures['won_revenue'] or 0, 0) for _user, figures in people)
        for user, figures in people:
            criteria = {'user_id': table.key_cell('key')}
            table.add({
                'key': user.id or 0,
                'name': names[user.id or 0],
                'customer_count': rows.sum('first_user', figures['customer_count'], **criteria),
                'opportunity_count': rows.number(figures['opportunity_count'], **criteria),
                'won_customer_count': rows.sum(
                    'first_won_user', figures['won_customer_count'], **criteria
                ),
                **{
                    key: rows.sum(key, figures[key] or 0, **criteria)
                    for key in (*AMOUNTS, 'stalled_count', 'overdue_activity_count')
                },
                'share': Formula(
                    Share.formula(
                        table.cell('won_customer_count'),
                        table.total_cell('won_customer_count', last),
                    ),
                    Share.value(figures['won_customer_count'], won),
                ),
                'value_share': Formula(
                    Share.formula(
                        table.cell('won_revenue'),
                        f'SUMIF({table.range("won_revenue", last)},">0")',
                    ),
                    Share.value(figures['won_revenue'] or 0, won_revenue),
                ),
            })
        table.finish()
        table.add(
            {
                'name': self.env._("Total"),
                # A customer of two salespeople counts once.
                'customer_count': rows.sum('first', total['customer_count']),
                **{
                    key: table.sum(key, total[key] or 0)
                    for key in (
                        'opportunity_count',
                        *AMOUNTS,
                        'stalled_count',
                        'overdue_activity_count',
                    )
                },
                'won_customer_count': rows.sum('first_won', won),
            },
            total=True,
        )
        self.add_chart(
            'bar',
            table,
            ('expected_revenue', 'quota_amount'),
            self.env._("Workload by value"),
            self.env._("Workload: the first %(number)s salespeople", number=CHART_SIZE),
            last=last,
        )
        self.write_indexes(table, last, people)

    def write_indexes(self, above, last, people):
        """Write the Herfindahl-Hirschman indexes of the rows."""
        table = self.add_table(
            [
                Column('key', "", 'id', 7),
                Column('name', self.env._("Concentration"), 'text', 28),
                Column(
                    'index',
                    self.env._("HHI"),
                    'count',
                    13,
                    self.env._(
                        "Herfindahl-Hirschman index: the sum of the squared shares (in percent) of the "
                        "rows shown. 10,000: one salesperson holds all; above 2,500 is called "
                        "concentrated. A customer of two salespeople is one of each."
                    ),
                ),
            ],
            after=above,
        )
        for name, figure, parts in (
            (self.env._("Won customers"), 'won_customer_count', 'won_customer_count'),
            (self.env._("Won value"), 'won_revenue', 'value_share'),
        ):
            table.add({
                'name': name,
                'index': Formula(
                    Index.formula(above.range(parts, last)),
                    Index.value([row[figure] or 0 for _user, row in people]),
                ),
            })
