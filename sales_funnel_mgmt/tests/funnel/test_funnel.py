"""Test the figures of the three modes of the funnel."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from ...models.stage_history.movements import MOVEMENTS
from ..stage_history.test_stage_reports import TestStageReportsCommon

OPPORTUNITIES = [('type', '=', 'opportunity')]
# days 3 to 20 of the scenario
PERIOD = ['2026-03-05', '2026-03-22']


class TestFunnelCommon(TestStageReportsCommon):
    def setUp(self):
        super().setUp()
        self._tell()
        self.funnel = self.env['crm.funnel.report']
        # The stages of Odoo's own data are not part of the scenario.
        story = self.stage_open + self.stage_late + self.stage_won
        (self.env['crm.stage'].search([]) - story).team_ids = self.env['crm.team'].create({
            'name': "Elsewhere"
        })

    def _get(self, mode, domain=None, split=None, period=None, funnel=None):
        """Return {group id: {stage: cell}} of a funnel."""
        funnel = self.funnel if funnel is None else funnel
        result = funnel.get_funnel(domain or OPPORTUNITIES, mode, split, period or PERIOD)
        return {
            group['id']: {
                self.env['crm.stage'].browse(cell['stage_id'] or []): cell
                for cell in group['cells']
            }
            for group in result['funnels']
        }

    def _column(self, name, *args, **kwargs):
        cells = self._get(*args, **kwargs)[False]
        return [
            cells[stage][name]
            for stage in (self.stage_open, self.stage_late, self.stage_won)
            if stage in cells
        ]


@tagged('post_install', '-at_install')
class TestFunnelNow(TestFunnelCommon):
    def test_open_opportunities(self):
        with self._at(40):
            cells = self._get('now')[False]
        self.assertEqual(list(cells), [self.stage_open, self.stage_late], "Won is not open")
        here = cells[self.stage_open]
        # stuck since day 0, back since 10, small since 0: it was lost and taken back
        self.assertEqual((here['count'], here['expected_revenue']), (3, 700 + 90 + 20))
        self.assertEqual(here['quota_amount'], (700 + 90 + 20) * 0.2)
        self.assertEqual(here['days'], 40)
        self.assertEqual(here['customers'], 1, "All of one company")
        self.assertEqual(cells[self.stage_late]['count'], 0)
        self.assertEqual(cells[self.stage_late]['conversion'], 0)

    def test_customers(self):
        """A contact counts as its company; an opportunity without a contact counts by itself."""
        self.stuck.partner_id = self.contact_company_1
        self.small.partner_id = False
        self.back.partner_id = self.env['res.partner'].create({'name': "Other"})
        self.assertEqual(self._column('customers', 'now'), [3, 0])

    def test_stalled_as_in_the_report(self):
        self.stage_open.rotting_threshold_days = 25
        with self._at(40):
            stalled = self.env['crm.stalled.report'].search_count([])
            self.assertEqual(self._column('stalled', 'now'), [stalled, 0])
        self.assertEqual(stalled, 3)

    def test_compared_with_the_beginning_of_the_period(self):
        previous = [cell['count'] for cell in self._column('previous', 'now')]
        self.assertEqual(previous, [5, 0])

    def test_opens_the_opportunities(self):
        action = self.funnel.action_open_records(
            OPPORTUNITIES, 'now', 'user_id', PERIOD, self.leads_user.id, self.stage_open.id
        )
        self.assertEqual(
            self.env[action['res_model']].search(action['domain']),
            self.stuck + self.back + self.small,
        )


@tagged('post_install', '-at_install')
class TestFunnelFlow(TestFunnelCommon):
    def test_equals_the_flow_report_cell_by_cell(self):
        for split in (None, 'user_id', 'team_id'):
            for period in (PERIOD, ['2026-03-02', '2026-04-30'], ['2026-01-01', '2026-01-31']):
                report = self._report(
                    'crm.stage.flow.report',
                    report_period_from=period[0],
                    report_period_to=period[1],
                )
                rows = report._read_group(
                    [],
                    [*([split] if split else []), 'stage_id'],
                    [f'{name}{suffix}:sum' for suffix in ('', '_amount') for name in MOVEMENTS],
                )
                expected = {
                    (row[0].id if split else False, row[1 if split else 0]): list(
                        row[2 if split else 1 :]
                    )
                    for row in rows
                }
                found = {
                    (group_id, stage): [*cell['flows'].values(), *cell['flow_amounts'].values()]
                    for group_id, cells in self._get('flow', split=split, period=period).items()
                    for stage, cell in cells.items()
                    if cell['flows']
                }
                self.assertEqual(found, expected, (split, period))

    def test_figures_of_what_entered(self):
        self.assertEqual(self._column('count', 'flow'), [3, 4, 1])
        self.assertEqual(self._column('expected_revenue', 'flow'), [3110, 4590, 1000])
        # The opportunities quick, lost, back and slow.
        self.assertEqual(self._column('opportunities', 'flow'), [3, 4, 1])
        # 3 advanced ÷ (3 entered − 1 handed over); 1 won ÷ 4 entered
        self.assertEqual(self._column('conversion', 'flow'), [False, 1.5, 0.25])

    def test_entered_twice_is_one_opportunity(self):
        """An opportunity that enters a stage twice counts once as an opportunity."""
        self.assertEqual(
            self._column('opportunities', 'flow', period=['2026-03-02', '2026-03-31']), [6, 4, 1]
        )
        self.assertEqual(
            self._column('count', 'flow', period=['2026-03-02', '2026-03-31']), [8, 4, 1]
        )

    def test_days_of_what_left(self):
        # Days when leaving open: quick 4, lost 4, small 10, slow 20; late: back 6, quick 6, lost 16.
        self.assertEqual(self._column('days', 'flow'), [7, 6, False])

    def test_the_period_before(self):
        previous = self._column('previous', 'flow', period=['2026-03-12', '2026-03-21'])
        # From 2 to 11 March: five on the 2nd; quick, lost and back on the 6th.
        self.assertEqual([cell['count'] for cell in previous], [5, 3, 0])

    def test_opens_the_stays(self):
        for kind, names in (
            (None, {'back', 'slow', 'small'}),
            ('advanced', {'quick', 'lost', 'slow'}),
            ('lost', {'small'}),
            ('handed_over', {'slow'}),
        ):
            action = self.funnel.action_open_records(
                OPPORTUNITIES, 'flow', None, PERIOD, False, self.stage_open.id, kind
            )
            rows = self.env[action['res_model']].with_context(**action['context'])
            rows = rows.search(action['domain'])
            self.assertEqual(set(rows.lead_id.mapped('name')), names, kind)

    def test_credit_is_of_who_held_it(self):
        """An opportunity counts for the salesperson who held it, not for the one who gets it later."""
        self.quick.user_id = self.salesman
        cells = self._get('flow', [('user_id', '=', self.salesman.id)])[False]
        self.assertEqual(cells[self.stage_late]['flows']['won'], 0)
        self.assertEqual(cells[self.stage_late]['count'], 1)

    def test_other_filters_look_at_the_opportunity(self):
        cells = self._get('flow', [*OPPORTUNITIES, ('name', 'in', ['quick', 'lost'])])[False]
        self.assertEqual(cells[self.stage_open]['flows']['advanced'], 2)
        self.assertEqual(cells[self.stage_late]['flows']['lost'], 1, "Archived ones too")

    def test_deleted_opportunities_stay_in_the_books(self):
        before = self._column('count', 'flow')
        self.slow.unlink()
        self.assertEqual(self._column('count', 'flow'), before)


@tagged('post_install', '-at_install')
class TestFunnelCohort(TestFunnelCommon):
    MARCH = ['2026-03-01', '2026-03-31']

    def _cohort(self, name, **kwargs):
        return self._column(name, 'cohort', **{'period': self.MARCH, **kwargs})

    def test_reached(self):
        """All six opportunities count in the first stage, four in the late stage, two as won."""
        self.assertEqual(self._cohort('count'), [6, 4, 2])
        self.assertEqual(self._cohort('expected_revenue'), [5310, 4590, 4000])
        self.assertEqual(self._cohort('conversion'), [False, 4 / 6, 2 / 4])

    def test_totals_of_several_stages(self):
        """An opportunity that has reached several stages counts once in their total."""
        report = self.funnel.env['crm.funnel.cohort.report'].with_context(
            report_period_from=self.MARCH[0], report_period_to=self.MARCH[1]
        )
        measures = ['expected_revenue:sum', 'quota_amount:sum', 'lead_ref:count_distinct']
        quota = sum({row.lead_ref: row.quota_amount for row in report.search([])}.values())
        self.assertEqual(report._read_group([], [], measures), [(5310, quota, 6)])
        sections = report.formatted_read_grouping_sets(
            [], [[], ['stage_id'], ['user_id'], ['user_id', 'stage_id']], measures
        )
        self.assertEqual(sections[0][0]['expected_revenue:sum'], 5310)
        self.assertEqual([row['expected_revenue:sum'] for row in sections[1]], [5310, 4590, 4000])
        self.assertEqual(sum(row['expected_revenue:sum'] for row in sections[2]), 5310)
        # Some of the stages, and rows that are not the furthest ones
        later = [('stage_id', 'in', (self.stage_late + self.stage_won).ids)]
        [(revenue,)] = report._read_group(later, [], ['expected_revenue:sum_currency'])
        self.assertEqual(revenue, 4590)
        by_furthest = dict(report._read_group([], ['furthest'], ['expected_revenue:sum']))
        self.assertEqual(by_furthest, {0: 4590, 1: 5310})

    def test_what_became_of_them(self):
        flows = self._cohort('flows')
        self.assertEqual([cell['lost'] for cell in flows], [0, 1, 0], "Where it got to")
        # back is open and has been in the late stage; stuck and small have not.
        self.assertEqual([cell['still_open'] for cell in flows], [2, 1, 0])
        self.assertEqual([cell['won'] for cell in flows], [0, 0, 2])
        self.assertEqual([cell['other'] for cell in flows], [0, 0, 0])

    def test_balances(self):
        self.stuck.action_archive()
        self.small.unlink()
        flows, counts = self._cohort('flows'), self._cohort('count')
        for count, following, cell in zip(counts, [*counts[1:], 0], flows, strict=True):
            self.assertEqual(count, following + sum(cell.values()))
        self.assertEqual(flows[0]['other'], 2)

    def assertReachedOrClosed(self):
        """Each opportunity of a stage reached the next one, or something has become of it there."""
        counts, flows = self._cohort('count'), self._cohort('flows')
        known, known_flows = counts[:3], flows[:3]
        for number, count in enumerate(known):
            reached = known[number + 1] if number + 1 < len(known) else 0
            self.assertEqual(count, reached + sum(known_flows[number].values()))
        for count, flow in zip(counts[3:], flows[3:], strict=True):
            self.assertEqual(count, sum(flow.values()))

    def test_an_unknown_stage_is_not_the_furthest(self):
        before = self._cohort('count')[:3]
        self.env.cr.execute(
            """
            UPDATE crm_stage_history SET stage_id = NULL
             WHERE id IN (SELECT MAX(id) FROM crm_stage_history
                           WHERE exit_kind IN ('lost', 'advanced') AND stage_id = %s
                        GROUP BY lead_ref LIMIT 1)
            """,
            [self.stage_open.id],
        )
        self.env.invalidate_all()
        self.assertReachedOrClosed()
        self.assertLessEqual(self._cohort('count')[0], before[0])

    def test_a_stage_that_became_a_won_stage_keeps_what_was_lost_in_it(self):
        self.env.cr.execute(
            "UPDATE crm_stage SET is_won = TRUE WHERE id = %s", [self.stage_late.id]
        )
        self.env.invalidate_all()
        counts, flows = self._cohort('count'), self._cohort('flows')
        self.assertEqual(counts[0], 6)
        self.assertEqual(sum(sum(flow.values()) for flow in flows), 6)

    def test_equals_the_history_cell_by_cell(self):
        """The figures equal those counted stay by stay in Python."""
        order = self.env['crm.stage'].search([]).ids
        histories = {}
        for stay in self.env['crm.stage.history'].search([], order='id'):
            histories.setdefault(stay.lead_ref, []).append(stay)
        reached = {}
        for stays in histories.values():
            been = [
                order.index(stay.stage_id.id)
                for stay in stays
                if not stay.is_won or any(other.is_win for other in stays)
            ]
            for stage in (self.stage_open, self.stage_late, self.stage_won):
                if max(been) >= order.index(stage.id):
                    key = (stays[0].user_id.id, stage)
                    reached[key] = reached.get(key, 0) + 1
        found = {
            (group_id, stage): cell['count']
            for group_id, cells in self._get('cohort', split='user_id', period=self.MARCH).items()
            for stage, cell in cells.items()
            if cell['count']
        }
        self.assertEqual(found, reached)

    def test_skipped_stages_count_as_passed(self):
        lead = self._create_opportunity(expected_revenue=1)
        lead.stage_id = self.stage_won
        today = str(self.env.cr.now().date())
        counts = self._cohort('count', period=[today, today])
        self.assertEqual(counts, [1, 1, 1])

    def test_stages_of_other_teams_are_none_that_it_passed(self):
        other_team = self.env['crm.team'].create({'name': "Other"})
        between = self.env['crm.stage'].create({
            'name': "Of the other team",
            'sequence': 15,
            'team_ids': other_team.ids,
        })
        self.assertNotIn(between, self._get('cohort', period=self.MARCH)[False])
        self.stuck.stage_id = between
        cells = self._get('cohort', period=self.MARCH)[False]
        self.assertEqual(cells[between]['count'], 1)

    def test_a_win_taken_back_is_none(self):
        self.quick.stage_id = self.stage_open
        self.assertEqual(self._cohort('count'), [6, 4, 1])

    def test_duplicates_do_not_count(self):
        (self.stuck + self.small).merge_opportunity(auto_unlink=False)
        self.assertEqual(self._cohort('count')[0], 5)

    def test_created_in_a_won_stage(self):
        with self._at(5):
            self._create_opportunity(stage_id=self.stage_won.id)
        self.assertEqual(self._cohort('count'), [7, 5, 3])

    def test_only_what_began_in_the_period(self):
        self.assertEqual(self._cohort('count', period=['2026-03-05', '2026-03-22']), [1, 1, 0])
        previous = self._cohort('previous', period=['2026-03-05', '2026-03-07'])
        self.assertEqual([cell['count'] for cell in previous], [5, 3, 2])

    def test_days_in_the_stages(self):
        # open: quick 4, lost 4, slow 20; late: quick 6, lost 16, back 6, slow 10
        self.assertEqual(self._cohort('days'), [4, 8, False])

    def test_stalled_now(self):
        self.stage_open.rotting_threshold_days = 25
        with self._at(40):
            self.assertEqual(self._cohort('stalled'), [3, 0, 0])

    def test_opens_the_opportunities(self):
        action = self.funnel.action_open_records(
            OPPORTUNITIES, 'cohort', None, self.MARCH, False, self.stage_late.id, 'lost'
        )
        rows = self.env[action['res_model']].with_context(**action['context'])
        self.assertEqual(rows.search(action['domain']).lead_id, self.lost)


@tagged('post_install', '-at_install')
class TestFunnelAccess(TestFunnelCommon):
    @users('user_sales_salesman')
    def test_own_opportunities_only(self):
        for mode, count in (('now', 0), ('flow', 1), ('cohort', 1)):
            cells = self._get(
                mode, period=['2026-03-01', '2026-12-31'], funnel=self.env['crm.funnel.report']
            )
            total = sum(cell['count'] for cell in cells.get(False, {}).values())
            self.assertEqual(bool(total), bool(count), mode)
        cells = self._get(
            'cohort', period=['2026-03-01', '2026-03-31'], funnel=self.env['crm.funnel.report']
        )
        self.assertEqual(cells[False][self.stage_open.with_env(self.env)]['count'], 1)

    def test_other_companies_stay_apart(self):
        other = self.env['res.company'].create({'name': "Other"})
        funnel = self.funnel.with_user(self.user_sales_manager)
        self.user_sales_manager.company_ids += other
        both = funnel.with_context(allowed_company_ids=[self.env.company.id, other.id])
        team = self.env['crm.team'].create({'name': "Theirs", 'company_id': other.id})
        self._create_opportunity(
            company_id=other.id, team_id=team.id, user_id=self.user_sales_manager.id
        )
        here = funnel.with_context(allowed_company_ids=self.env.company.ids)
        count = self._column('count', 'now', funnel=here)[0]
        self.assertEqual(self._column('count', 'now', funnel=both)[0], count + 1)

    def test_amounts_of_several_currencies(self):
        """Amounts are converted to the currency of the company, as in Odoo's own pivots."""
        currency = self.env['res.currency'].create({
            'name': "QQQ",
            'symbol': "Q",
            'rate_ids': [(0, 0, {'name': '2020-01-01', 'rate': 4})],
        })
        other = self.env['res.company'].create({'name': "Other", 'currency_id': currency.id})
        self.env.user.company_ids += other
        self._create_opportunity(
            company_id=other.id, team_id=False, user_id=False, expected_revenue=400
        )
        funnel = self.funnel.with_context(allowed_company_ids=[self.env.company.id, other.id])
        revenue = self._column('expected_revenue', 'now', funnel=funnel)[0]
        self.assertEqual(revenue, 810 + 100)

    def test_for_salespeople_only(self):
        user = self.env['res.users'].create({
            'name': "Somebody",
            'login': 'somebody_else',
            'group_ids': [(6, 0, self.env.ref('base.group_user').ids)],
        })
        for mode in ('now', 'flow', 'cohort'):
            with self.assertRaises(AccessError):
                self.funnel.with_user(user).get_funnel([], mode)

    def test_nonsense(self):
        funnel = self.funnel.with_user(self.user_sales_salesman)
        for arguments in (
            ([], 'for ever'),
            ([], ['now']),
            ([], None),
            ([], 'now', 'stage_id'),
            ([], 'now', 'lead_id.message_ids'),
            ([], 'now', ['user_id']),
            ([], 'flow', None, 'ever'),
            ([], 'flow', None, None),
            ([], 'flow', None, [None, None]),
            ([], 'flow', None, ['2026-03-05', '2026-03-04']),
            ([], 'flow', None, ["'; DROP TABLE crm_lead", '2026-03-04']),
            ([], 'flow', None, {'from': 1}),
            ([('nothing', '=', 1)],),
            ([('partner_id', 'any!', [('id', '>', 0)])],),
            ([('partner_id', 'any', [('id', 'any!', [])])],),
            (['|'],),
            ('[]',),
            ({'a': 1},),
            (7,),
        ):
            with self.subTest(arguments=arguments), self.assertRaises(UserError):
                funnel.get_funnel(*arguments)
        for arguments in (
            ([], 'now', None, PERIOD, 1, 1, 'won'),
            ([], 'now', None, PERIOD, 1, 1, ['stalled']),
            ([], 'now', 'user_id', PERIOD, [1], 1),
            ([], 'flow', None, PERIOD, 1, "1"),
            ([], 'flow', None, PERIOD, 1, {}, 'id'),
        ):
            with self.subTest(arguments=arguments), self.assertRaises(UserError):
                funnel.action_open_records(*arguments)

    def test_fields_that_one_may_not_read_make_no_filter(self):
        with self.assertRaises(AccessError):
            self.funnel.with_user(self.user_sales_salesman).get_funnel([
                ('partner_id.signup_type', '=', "x")
            ])

    def test_queries_do_not_depend_on_the_number_of_funnels(self):
        def queries(split):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.funnel.get_funnel(OPPORTUNITIES, 'flow', split, PERIOD)
            return self.cr.sql_log_count - before

        queries('user_id')
        few = queries('user_id')
        with self._at(6):
            for number in range(5):
                user = self.env['res.users'].create({
                    'name': f"Seller {number}",
                    'login': f'seller_{number}',
                    'group_ids': [(4, self.env.ref('sales_team.group_sale_salesman').id)],
                })
                self._create_opportunity(user_id=user.id)
        self.assertEqual(queries('user_id'), few)
