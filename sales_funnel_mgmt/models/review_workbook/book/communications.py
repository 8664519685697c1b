"""Write the sheet of communications."""

from .rows import Rows
from .sheet import CHART_SIZE, Sheet
from .writer import Column, Formula

REPORT = 'crm.communication.report'


class CommunicationsSheet(Sheet):
    """The contacts with customers by salesperson and kind."""

    def get_title(self):
        return self.env._("Communications")

    def fill(self):
        """Write the sheet and its rows."""
        book = self.book
        self.domain = book.in_period() & book.get_filter()
        book.add_rows('communications', self.get_rows())
        self.write_table()

    def get_rows(self):
        """Return the rows of communications."""
        rows = Rows(
            self.book,
            self.env._("Rows – Communications"),
            self.book.report(REPORT),
            self.domain,
            'date, id',
        )
        rows.add_figure('date', 'datetime', 16)
        rows.add_text('kind')
        rows.add_text('direction', 12)
        for name in ('user_id', 'owner_id'):
            rows.add_text(name)
        rows.add_text('lead_id', 30)
        rows.add_text('customer_id', 26)
        rows.add_text('stage_id', 18)
        for name in ('team_id', 'company_id'):
            rows.add_text(name)
        rows.add_figure('contact_count')
        rows.add_figure('lead_ref', 'id', 9)
        rows.use('touched_customer_ref')
        rows.add_key('user_id')
        rows.add_first(
            'first_touched',
            self.env._("Customer Counted (Done By)"),
            lambda row: (
                row['touched_customer_ref'] and (row['user_id'], row['touched_customer_ref'])
            ),
        )
        rows.add_first(
            'first_touched_of_all',
            self.env._("Customer Counted"),
            lambda row: row['touched_customer_ref'],
        )
        return rows

    def write_table(self):
        """Write the table by salesperson and kind."""
        book, rows = self.book, self.book.rows['communications']
        report = book.report(REPORT)
        kinds = report._fields['kind']._description_selection(self.env)
        measures = ['contact_count:sum', 'touched_customer_ref:count_distinct']
        by_kind, by_user, [of_all] = report._read_grouping_sets(
            self.domain, [['user_id', 'kind'], ['user_id'], []], ['__count', *measures]
        )
        cells = {(user.id or 0, kind): count for user, kind, count, *_others in by_kind}
        column = book.column
        table = self.add_table([
            *self.key_columns(self.env._("Done By")),
            *(Column(kind, label, 'count', 11) for kind, label in kinds),
            column(REPORT, 'contact_count'),
            column(REPORT, 'touched_customer_ref', key='touched'),
        ])
        names = dict(
            self.get_names(self.env['res.users'].union(*(row[0] for row in by_user)), self.nobody())
        )
        totals = {}
        for user, _count, contacts, touched in sorted(
            by_user, key=lambda row: (not row[0], -(row[2] or 0), row[0].id)
        ):
            user_id = user.id or 0
            criteria = {'user_id': table.key_cell('key')}
            counts = {kind: cells.get((user_id, kind), 0) for kind, _label in kinds}
            for kind, count in counts.items():
                totals[kind] = totals.get(kind, 0) + count
            table.add({
                'key': user_id,
                'name': names[user_id],
                **{
                    kind: rows.number(count, **criteria, kind=table.header_cell(kind))
                    for kind, count in counts.items()
                },
                'contact_count': self.get_contacts(table, kinds, contacts or 0),
                'touched': rows.sum('first_touched', touched, **criteria),
            })
        table.finish()
        last = table.last
        table.add(
            {
                'name': self.env._("Total"),
                **{kind: table.sum(kind, totals.get(kind, 0)) for kind, _label in kinds},
                'contact_count': table.sum('contact_count', of_all[1] or 0),
                # A customer whom two salespeople have contacted counts once.
                'touched': rows.sum('first_touched_of_all', of_all[2] or 0),
            },
            total=True,
        )
        self.add_chart(
            'bar',
            table,
            ('contact_count', 'touched'),
            self.env._("Contacts and customers touched"),
            self.env._("Contacts: the first %(number)s people", number=CHART_SIZE),
            last=last,
        )

    def get_contacts(self, table, kinds, value):
        """Return all kinds except other activities, which are not contacts."""
        return Formula(
            '=' + '+'.join(table.cell(kind) for kind, _label in kinds if kind != 'task'), value
        )
