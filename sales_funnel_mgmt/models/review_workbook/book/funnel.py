"""Write the sheet of the funnel."""

from .sheet import Sheet
from .writer import Column, Formula

FUNNEL = 'crm.funnel.report'
FLOW = 'crm.stage.flow.report'
COHORT = 'crm.funnel.cohort.report'


class FunnelSheet(Sheet):
    """The figures of the funnel view in its three modes."""

    def get_title(self):
        return self.env._("Funnel")

    def read_flow(self):
        """Read the figures of the mode *flow*."""
        self.flow = self.get_figures('flow')

    def read_now(self):
        """Read the figures of the mode *now*."""
        self.now = self.get_figures('now')

    def read_cohort(self):
        """Read the figures of the mode *cohort*."""
        self.cohort = self.get_figures('cohort')

    def get_figures(self, mode):
        """Return the funnel view's figures, with the cells in the order of the stages."""
        book = self.book
        return self.env[FUNNEL].get_funnel(
            list(book.get_filter()), mode, None, [str(book.first), str(book.last)]
        )

    def fill(self):
        """Write a table for each mode."""
        now = self.write_now()
        flow = self.write_flow(now)
        self.write_cohort(flow)

    def begin(self, funnel, columns, after=None):
        """Begin the table of a mode.

        :return: The table, and (name of the stage, cell) in their order.
        """
        mode = funnel['mode']
        date_text = self.book.get_period_text()
        captions = {
            'now': self.env._("Now: the open opportunities, when this workbook was made"),
            'flow': self.env._("Flow: what entered each stage, %(period)s", period=date_text),
            'cohort': self.env._("Cohort: what began in the period, %(period)s", period=date_text),
        }
        conversion = self.env._("Conversion")
        conversions = Column('conversion', conversion, 'percent', 13, funnel['formula'])
        table = self.add_table(
            [
                Column('key', "ID", 'id', 7),
                Column('name', self.env._("Stage"), 'text', 28),
                *columns,
                conversions._replace(title=f'{conversion} ({funnel["mode_name"]})'),
            ],
            after=after,
            caption=captions[mode],
        )
        names = {stage['id']: stage['name'] for stage in funnel['stages']}
        cells = funnel['funnels'][0]['cells'] if funnel['funnels'] else []
        return table, [(names[cell['stage_id']], cell) for cell in cells]

    def get_conversion(self, table, number, cell, passed, base):
        """Return the formula of the conversion from the row above.

        The first stage has none, and neither have opportunities without a stage.
        """
        if not number or not cell['stage_id']:
            return None
        return Formula(f'=IF({base}>0,({passed})/({base}),"")', cell['conversion'])

    def write_now(self):
        """Write the table of the mode *now*."""
        column = self.book.column
        opportunities, stalled = self.book.rows['opportunities'], self.book.rows['stalled']
        table, cells = self.begin(
            self.now,
            [
                column(FUNNEL, 'customer_ref', key='customers'),
                column(FUNNEL, 'lead_ref', key='opportunities'),
                column(FUNNEL, 'expected_revenue', 'amount', width=17),
                column(FUNNEL, 'quota_amount', 'amount', width=17),
                column(FUNNEL, 'stage_days', 'days', key='days'),
                column(
                    'crm.stalled.report', 'reason', key='stalled', title=self.env._("Stalled")
                )._replace(
                    help=self.env._(
                        "Open opportunities that are in the stage, or without a contact with the customer, "
                        "for longer than the stage allows."
                    )
                ),
            ],
        )
        for number, (name, cell) in enumerate(cells):
            stage = {'stage_id': table.key_cell('key')}
            is_open = {**stage, 'is_won': 0}
            table.add({
                'key': cell['stage_id'] or 0,
                'name': name,
                'customers': opportunities.sum('first_open_stage', cell['customers'], **stage),
                'opportunities': opportunities.number(cell['opportunities'], **is_open),
                'expected_revenue': opportunities.sum(
                    'expected_revenue', cell['expected_revenue'], **is_open
                ),
                'quota_amount': opportunities.sum('quota_amount', cell['quota_amount'], **is_open),
                'days': cell['days'],
                'stalled': stalled.number(cell['stalled'], **stage),
                'conversion': self.get_conversion(
                    table,
                    number,
                    cell,
                    table.cell('opportunities'),
                    table.cell('opportunities', 1),
                ),
            })
        self.add_chart(
            'bar', table, ('expected_revenue', 'quota_amount'), self.env._("The funnel now")
        )
        return table

    def write_flow(self, above):
        """Write the table of the mode *flow*."""
        column = self.book.column
        stays = self.book.rows['stays']
        table, cells = self.begin(
            self.flow,
            [
                column(FLOW, 'customer_ref', key='customers'),
                column(FLOW, 'lead_ref', key='opportunities'),
                column(FLOW, 'entered_amount', 'amount', key='expected_revenue', width=16),
                column(FLOW, 'quota_amount', 'amount', width=17),
                column(FLOW, 'stage_days', 'days', key='days'),
                *(column(FLOW, name) for name in ('entered', 'advanced', 'won', 'handed_over')),
            ],
            above,
        )
        for number, (name, cell) in enumerate(cells):
            stage = {'stage_id': table.key_cell('key')}
            entered = {**stage, 'entered': 1}
            flows = cell['flows']
            table.add({
                'key': cell['stage_id'] or 0,
                'name': name,
                'customers': stays.sum('first_customer', cell['customers'], **stage),
                'opportunities': stays.sum('first_opportunity', cell['opportunities'], **stage),
                'expected_revenue': stays.sum(
                    'expected_revenue', cell['expected_revenue'], **entered
                ),
                'quota_amount': stays.sum('quota_amount', cell['quota_amount'] or 0, **entered),
                'days': cell['days'],
                **{
                    key: stays.sum(key, flows.get(key, 0), **stage)
                    for key in ('entered', 'advanced', 'won', 'handed_over')
                },
                'conversion': self.get_conversion(
                    table,
                    number,
                    cell,
                    f'{table.cell("advanced", 1)}+{table.cell("won", 1)}',
                    f'({table.cell("entered", 1)}-{table.cell("handed_over", 1)})',
                ),
            })
        return table

    def write_cohort(self, above):
        """Write the table of the mode *cohort*."""
        column = self.book.column
        table, cells = self.begin(
            self.cohort,
            [
                column(COHORT, 'customer_ref', key='customers'),
                Column('opportunities', self.env._("Opportunities that Got Here")),
                column(COHORT, 'expected_revenue', 'amount', width=17),
                column(COHORT, 'quota_amount', 'amount', width=17),
                column(COHORT, 'stage_days', 'days', key='days'),
                *(column(COHORT, name) for name in ('stalled', 'won', 'lost', 'still_open')),
            ],
            above,
        )
        for number, (name, cell) in enumerate(cells):
            table.add({
                'key': cell['stage_id'] or 0,
                'name': name,
                **{
                    key: cell[key]
                    for key in (
                        'customers',
                        'opportunities',
                        'expected_revenue',
                        'quota_amount',
                        'days',
                        'stalled',
                    )
                },
                **{key: cell['flows'].get(key, 0) for key in ('won', 'lost', 'still_open')},
                'conversion': self.get_conversion(
                    table,
                    number,
                    cell,
                    table.cell('opportunities'),
                    table.cell('opportunities', 1),
                ),
            })
        return table
