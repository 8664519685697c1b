"""Write the sheet of stage changes."""

from ...stage_history.movements import MOVEMENTS
from .rows import Rows
from .sheet import Sheet
from .writer import Column, Formula

CHANGES = 'crm.stage.change.report'
FLOW = 'crm.stage.flow.report'
EXITS = ('lost', 'archived', 'merged', 'deleted')
# Stands for the stage of what begins, in the place of an ID. 0 is a stage that is not known.
BEGINNING = -1
WAYS_OUT = tuple(name for name in MOVEMENTS if name not in ('open_start', 'entered'))


def get_origin(row):
    """Return the ID of the stage that a change came from, see `BEGINNING`."""
    return BEGINNING if row['is_beginning'] else row['previous_stage_id'] or 0


class StageChangesSheet(Sheet):
    """The changes between stages, and the balance of entries and exits of each stage."""

    def get_title(self):
        return self.env._("Stage Changes")

    def fill(self):
        """Write the sheet and its rows."""
        book = self.book
        self.domain = book.in_days() & book.get_filter()
        book.add_rows('changes', self.get_change_rows())
        matrix = self.write_matrix()
        book.add_rows('stays', self.get_stay_rows())
        numbers = self.write_flow(matrix)
        self.write_flow(numbers, '_amount')

    def get_change_rows(self):
        """Return the rows of stage changes."""
        rows = Rows(
            self.book,
            self.env._("Rows – Stage Changes"),
            self.book.report(CHANGES),
            self.domain,
            'date, id',
        )
        rows.add_figure('date', 'datetime', 16)
        rows.add_text('lead_id', 30)
        rows.add_customer()
        rows.add_text('kind', 14)
        for name in ('previous_stage_id', 'stage_id'):
            rows.add_text(name, 18)
        for name in ('previous_user_id', 'user_id', 'team_id', 'company_id', 'changed_by_id'):
            rows.add_text(name)
        rows.add_figure('steps')
        rows.add_figure('days', 'days')
        rows.add_figure('cycle_days', 'days')
        rows.add_amounts('expected_revenue', 'quota_amount')
        rows.add_figure('lead_ref', 'id', 9)
        rows.use('is_beginning')
        rows.add('origin', self.env._("From Stage: ID, -1: created"), 'id', get_origin, 9, True)
        rows.add_key('stage_id')
        rows.add_key('user_id')
        rows.add_flag('is_exit', self.env._("Left the Funnel"), lambda row: row['kind'] in EXITS)
        return rows

    def get_stay_rows(self):
        """Return the rows of stays."""
        rows = Rows(
            self.book,
            self.env._("Rows – Stays"),
            self.book.report(FLOW),
            self.book.get_filter(),
            'entered_at, id',
        )
        rows.add_figure('entered_at', 'datetime', 16)
        rows.add_figure('left_at', 'datetime', 16)
        rows.add_text('lead_id', 30)
        rows.add_customer()
        rows.add_text('stage_id', 18)
        for name in ('user_id', 'team_id', 'company_id'):
            rows.add_text(name)
        rows.add_text('exit_kind', 14)
        rows.add_figure('stage_days', 'days')
        rows.add_numbers(*MOVEMENTS)
        rows.add_amounts('expected_revenue', 'quota_amount')
        rows.add_figure('lead_ref', 'id', 9)
        rows.use('customer_ref')
        rows.add_key('stage_id')
        rows.add_key('user_id')
        rows.add_first(
            'first_opportunity',
            self.env._("Opportunity Counted (Stage, Entered)"),
            lambda row: (row['stage_id'], row['lead_ref']) if row['entered'] else None,
        )
        rows.add_first(
            'first_customer',
            self.env._("Customer Counted (Stage, Entered)"),
            lambda row: (row['stage_id'], row['customer_ref']) if row['entered'] else None,
        )
        return rows

    def get_stages(self, found):
        """Return (ID, name) of the stages in order; the ID 0 of rows without a stage stands last."""
        # In sudo mode: the order of the stages, which the reports show to every user.
        stages = self.env['crm.stage'].sudo().union(*found).sorted()
        names = self.book.names.of(stages)
        return [(stage.id, names.get(stage.id, '-')) for stage in stages]

    def write_matrix(self):
        """Write the matrix of the changes between stages."""
        rows = self.book.rows['changes']
        kinds = dict(self.env[CHANGES]._fields['kind']._description_selection(self.env))
        found = self.book.report(CHANGES)._read_group(
            self.domain, ['previous_stage_id', 'stage_id', 'kind', 'is_beginning'], ['__count']
        )
        cells, exits = {}, {}
        for before, after, kind, is_beginning, count in found:
            origin = BEGINNING if is_beginning else before.id or 0
            if kind in EXITS:
                exits[origin, kind] = count
            else:
                key = (origin, after.id or 0)
                cells[key] = cells.get(key, 0) + count
        stages = self.get_stages([stage for row in found for stage in row[:2]])
        unknown = (0, self.env._("Unknown Stage"))
        origins = [(BEGINNING, self.env._("(created)")), *stages]
        if any(not origin for origin, _to in (*cells, *exits)):
            origins.append(unknown)
        columns = [*stages]
        if any(not after for _origin, after in cells):
            columns.append(unknown)
        table = self.add_table([
            Column('key', "ID", 'id', 7),
            Column(
                'name',
                self.env._("From Stage ↓  To Stage →"),
                'text',
                28,
                self.env._(
                    "Number of changes from the stage of the row to that of the column, in the period. On "
                    "the diagonal: to another salesperson, or reopened, in the same stage."
                ),
            ),
            *(Column(f'to {id_}', name) for id_, name in columns),
            *(Column(kind, kinds[kind]) for kind in EXITS),
            Column('total', self.env._("Total")),
        ])
        totals = {}
        for id_, name in origins:
            counts = {f'to {after}': cells.get((id_, after), 0) for after, _name in columns}
            counts |= {kind: exits.get((id_, kind), 0) for kind in EXITS}
            for key, count in counts.items():
                totals[key] = totals.get(key, 0) + count
            origin = {'origin': table.key_cell('key')}
            values = {
                f'to {after}': rows.number(
                    counts[f'to {after}'], **origin, stage_id=after, is_exit=0
                )
                for after, _name in columns
            }
            for kind in EXITS:
                values[kind] = rows.number(counts[kind], **origin, kind=table.header_cell(kind))
            table.add({
                'key': id_,
                'name': name,
                **values,
                'total': self.get_row_total(table, sum(counts.values())),
            })
        total = {key: table.sum(key, count) for key, count in totals.items()}
        table.add(
            {
                'name': self.env._("Total"),
                **total,
                'total': table.sum('total', sum(totals.values())),
            },
            total=True,
        )
        return table

    def get_row_total(self, table, value):
        """Return the formula of the total of the next row."""
        first = table.columns[2].key
        return Formula(f'=SUM({table.cell(first)}:{table.cell(table.columns[-2].key)})', value)

    def write_flow(self, above, suffix=''):
        """Write the entries and exits of each stage: the numbers, or the amounts."""
        rows = self.book.rows['stays']
        names = [f'{name}{suffix}' for name in MOVEMENTS]
        aggregates = self.book.amounts(*names) if suffix else [f'{name}:sum' for name in names]
        found = self.book.report(FLOW)._read_group(self.book.get_filter(), ['stage_id'], aggregates)
        figures = {
            stage.id or 0: dict(zip(MOVEMENTS, values, strict=True)) for stage, *values in found
        }
        stages = self.get_stages([row[0] for row in found])
        if 0 in figures:
            stages.append((0, self.env._("Unknown Stage")))
        style, width = ('amount', 17) if suffix else ('count', 13)
        table = self.add_table(
            [
                Column('key', "ID", 'id', 7),
                Column('name', self.env._("Stage"), 'text', 28),
                *(
                    self.book.column(FLOW, f'{name}{suffix}', style, key=name, width=width)
                    for name in MOVEMENTS
                ),
                Column(
                    'check',
                    self.env._("Check"),
                    style,
                    10,
                    self.env._("Open at start + entered - all that left - open at end: 0."),
                ),
            ],
            after=above,
            caption=self.env._("Flow: expected revenue")
            if suffix
            else self.env._("Flow: number of opportunities"),
        )
        for id_, name in stages:
            criteria = {'stage_id': table.key_cell('key')}
            values = {}
            for key in MOVEMENTS:
                value = figures[id_][key] or 0
                values[key] = (
                    rows.sum('expected_revenue', value, **criteria, **{key: 1})
                    if suffix
                    else rows.sum(key, value, **criteria)
                )
            table.add({
                'key': id_,
                'name': name,
                **values,
                'check': self.get_check(table),
            })
        table.finish(with_filter=False)
        total = {
            key: table.sum(key, sum(row[key] or 0 for row in figures.values())) for key in MOVEMENTS
        }
        table.add(
            {'name': self.env._("Total"), **total, 'check': self.get_check(table)}, total=True
        )
        return table

    def get_check(self, table):
        """Return the formula that is 0 if the stage balances."""
        come = f'{table.cell("open_start")}+{table.cell("entered")}'
        gone = f'SUM({table.cell(WAYS_OUT[0])}:{table.cell(WAYS_OUT[-1])})'
        return Formula(f'=ROUND({come}-{gone},4)', 0)
