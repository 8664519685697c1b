"""Test the figures of the reports on stays."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon

DAY = timedelta(days=1)


class TestStageReportsCommon(TestQuotaRateCommon):
    """A story of six opportunities, told in days from Monday, 2 March 2026, 09:00 UTC.

    LEAD-----DAY  0---------4---------10---------------20-------------30--------------40
    quick         open      late      won (leads)
    slow          open                                 late           won (salesman, had it from 20)
    lost          open      late                       lost
    back                    late      open
    stuck         open
    small         open                lost             reopened

    `leads` is user_sales_leads, who starts with all of them, `salesman` is user_sales_salesman.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monday = datetime(2026, 3, 2, 9, 0)
        cls.leads_user, cls.salesman = cls.user_sales_leads, cls.user_sales_salesman
        cls.env['crm.lead'].search([]).unlink()
        cls.env['crm.stage.history'].flush_model()
        # what was there before is none of this story
        cls.env.cr.execute("DELETE FROM crm_stage_history")

    @contextmanager
    def _at(self, days):
        with self.mock_datetime_and_now(self.monday + timedelta(days=days)):
            yield
            self.env.flush_all()

    def _tell(self):
        new = self._create_opportunity
        with self._at(0):
            self.quick = new(name="quick", expected_revenue=1000)
            self.slow = new(name="slow", expected_revenue=3000)
            self.lost = new(name="lost", expected_revenue=500)
            self.stuck = new(name="stuck", expected_revenue=700)
            self.small = new(name="small", expected_revenue=20)
        with self._at(4):
            (self.quick + self.lost).stage_id = self.stage_late
            self.back = new(name="back", expected_revenue=90, stage_id=self.stage_late.id)
        with self._at(10):
            self.quick.action_set_won()
            self.back.stage_id = self.stage_open
            self.small.action_set_lost()
        with self._at(20):
            self.slow.write({'user_id': self.salesman.id})
            self.slow.stage_id = self.stage_late
            self.lost.action_set_lost()
            self.small.action_unarchive()
        with self._at(30):
            self.slow.action_set_won()

    def _report(self, name, **context):
        return self.env[name].with_context(**context)

    def _grouped(self, report, groupby, aggregates, domain=()):
        return {
            row[: len(groupby)] if len(groupby) > 1 else row[0]: row[len(groupby) :]
            for row in report._read_group(list(domain), groupby, aggregates)
        }


@tagged('post_install', '-at_install')
class TestStageChangeReport(TestStageReportsCommon):
    def setUp(self):
        super().setUp()
        self._tell()
        self.report = self._report('crm.stage.change.report')

    def test_every_change_once(self):
        rows = self.report.search([('lead_id', '=', self.slow.id)], order='date, id')
        self.assertEqual(
            [(row.kind, row.previous_stage_id, row.stage_id, row.user_id) for row in rows],
            [
                ('created', self.env['crm.stage'], self.stage_open, self.leads_user),
                ('handed_over', self.stage_open, self.stage_open, self.salesman),
                ('advanced', self.stage_open, self.stage_late, self.salesman),
                ('won', self.stage_late, self.stage_won, self.salesman),
            ],
        )
        self.assertEqual(
            [round(row.days, 3) for row in rows],
            [0, 0, 20, 10],
            "Days in the stage, across the change of salesperson",
        )
        self.assertEqual(rows[3].cycle_days, 30)
        self.assertEqual(rows[1].previous_user_id, self.leads_user)

    def test_matrix(self):
        """The matrix has lost opportunities in a column of its own, and leaves out new ones."""
        matrix = self._grouped(
            self.report,
            ['previous_stage_id', 'stage_id'],
            ['__count'],
            [('kind', 'in', ('advanced', 'won', 'moved_back', 'lost'))],
        )
        nowhere = self.env['crm.stage']
        self.assertEqual(
            {key: count for key, (count,) in matrix.items()},
            {
                (self.stage_open, self.stage_late): 3,
                (self.stage_late, self.stage_won): 2,
                (self.stage_late, self.stage_open): 1,
                (self.stage_open, nowhere): 1,
                (self.stage_late, nowhere): 1,
            },
        )

    def test_averages_leave_out_what_has_none(self):
        averages = self._grouped(self.report, ['kind'], ['days:avg', 'cycle_days:avg'])
        self.assertEqual(averages['advanced'], ((4 + 4 + 20) / 3, False))
        self.assertEqual(averages['won'], ((6 + 10) / 2, (10 + 30) / 2))
        self.assertEqual(averages['lost'], ((10 + 16) / 2, False))
        self.assertEqual(averages['created'], (False, False))

    def test_steps(self):
        """Steps count the stages of the team, forward and back."""
        other_team = self.env['crm.team'].create({'name': "Other"})
        between = self.env['crm.stage'].create([
            {'name': "For all", 'sequence': 12},
            {'name': "Of the other team", 'sequence': 14, 'team_ids': other_team.ids},
        ])
        lead = self._create_opportunity()
        lead.stage_id = self.stage_late
        lead.stage_id = between[0]
        lead.stage_id = self.stage_open
        rows = self.report.search([('lead_id', '=', lead.id)], order='id')
        self.assertEqual(rows.mapped('steps'), [0, 2, -1, -1])
        skipped = self.report.search([('lead_id', '=', lead.id), ('steps', '>', 1)])
        self.assertEqual(skipped.kind, 'advanced')

    def test_gone_opportunities_remain(self):
        self.stuck.unlink()
        row = self.report.search([('kind', '=', 'deleted')])
        self.assertEqual((row.previous_stage_id, row.expected_revenue), (self.stage_open, 700))
        self.assertFalse(row.action_open_lead())

    def test_created_as_lost(self):
        lead = self._create_opportunity(active=False, probability=0)
        rows = self.report.search([('lead_ref', '=', lead.id)], order='id')
        self.assertEqual(rows.mapped('kind'), ['created', 'lost'])

    def test_opens_the_opportunity(self):
        row = self.report.search([('kind', '=', 'won'), ('lead_id', '=', self.quick.id)])
        self.assertEqual(row.action_open_lead()['res_id'], self.quick.id)
        self.assertEqual(row.partner_id, self.contact_1)

    @users('user_sales_salesman')
    def test_own_opportunities_only(self):
        rows = self.env['crm.stage.change.report'].search([])
        self.assertEqual(rows.lead_id, self.slow)
        of_others = self.report.search([('lead_id', '=', self.quick.id)])
        with self.assertRaises(AccessError):
            of_others.with_env(self.env).read(['kind'])


@tagged('post_install', '-at_install')
class TestStageFlowReport(TestStageReportsCommon):
    NUMBERS = (
        'open_start',
        'entered',
        'advanced',
        'won',
        'moved_back',
        'handed_over',
        'lost',
        'archived',
        'merged',
        'deleted',
        'open_end',
    )

    def setUp(self):
        super().setUp()
        self._tell()

    def _flow(self, first, last, groupby=('stage_id',), suffix='', **context):
        report = self._report(
            'crm.stage.flow.report',
            report_period_from=str(first),
            report_period_to=str(last),
            **context,
        )
        rows = self._grouped(
            report, list(groupby), [f'{name}{suffix}:sum' for name in self.NUMBERS]
        )
        return {
            key: {
                name: figure for name, figure in zip(self.NUMBERS, figures, strict=True) if figure
            }
            for key, figures in rows.items()
        }

    def test_a_period_of_the_story(self):
        """From day 3 (5 March) to day 20 (22 March)."""
        self.assertEqual(
            self._flow('2026-03-05', '2026-03-22'),
            {
                self.stage_open: {
                    'open_start': 5,
                    # back, slow to its new salesperson, small again
                    'entered': 3,
                    # quick, lost, slow
                    'advanced': 3,
                    'handed_over': 1,
                    'lost': 1,
                    # stuck, back, small
                    'open_end': 3,
                },
                self.stage_late: {
                    'entered': 4,
                    'won': 1,
                    'moved_back': 1,
                    'lost': 1,
                    'open_end': 1,
                },
                self.stage_won: {'entered': 1, 'open_end': 1},
            },
        )

    def test_amounts(self):
        amounts = self._flow('2026-03-05', '2026-03-22', suffix='_amount')
        self.assertEqual(
            amounts[self.stage_late],
            {
                'entered': 1000 + 500 + 90 + 3000,
                'won': 1000,
                'moved_back': 90,
                'lost': 500,
                'open_end': 3000,
            },
        )

    def test_by_salesperson(self):
        flow = self._flow('2026-03-05', '2026-03-22', ['stage_id', 'user_id'])
        self.assertEqual(
            flow[self.stage_open, self.salesman], {'entered': 1, 'advanced': 1}, "Slow passed by"
        )
        self.assertEqual(flow[self.stage_open, self.leads_user]['handed_over'], 1)

    def test_balances_for_any_period_and_group(self):
        first = datetime(2026, 2, 27).date()
        for begin in range(0, 36, 3):
            for length in (0, 1, 6, 20):
                for suffix in ('', '_amount'):
                    flow = self._flow(
                        first + timedelta(days=begin),
                        first + timedelta(days=begin + length),
                        ['stage_id', 'user_id'],
                        suffix,
                    )
                    for group, figures in flow.items():
                        came = figures.get('open_start', 0) + figures.get('entered', 0)
                        left = sum(figures.get(name, 0) for name in self.NUMBERS[2:])
                        self.assertEqual(came, left, (group, begin, length, suffix))

    def test_periods_follow_one_another(self):
        """The opportunities open at the end of a period are open at the start of the next one."""
        one = self._flow('2026-03-02', '2026-03-11')
        two = self._flow('2026-03-12', '2026-03-31')
        self.assertEqual(
            {stage: figures.get('open_end') for stage, figures in one.items()},
            {stage: two[stage].get('open_start') for stage in one},
        )

    def test_midnight_is_the_company_s(self):
        """Created at 09:00 UTC on 2 March, which is still 1 March in Honolulu, for all readers."""
        self.env.company.sales_tz = 'Pacific/Honolulu'
        for tz in ('Pacific/Honolulu', 'UTC'):
            before = self._flow('2026-03-01', '2026-03-01', tz=tz)
            self.assertEqual(before[self.stage_open], {'entered': 5, 'open_end': 5})
        self.env.company.sales_tz = 'UTC'
        self.assertFalse(self._flow('2026-03-01', '2026-03-01', tz='Pacific/Honolulu'))

    def test_midnight_is_that_of_each_company(self):
        """The reader's company does not decide on which day another company has won."""
        honolulu = self.env['res.company'].create({
            'name': "Honolulu",
            'sales_tz': 'Pacific/Honolulu',
            'currency_id': self.env.company.currency_id.id,
        })
        with self._at(0):
            self._create_opportunity(
                name="there", company_id=honolulu.id, team_id=False, user_id=False, partner_id=False
            )
        both = [self.env.company.id, honolulu.id]
        for allowed in (both, both[::-1]):
            context = {'allowed_company_ids': allowed}
            for day, number in (('2026-03-01', 1), ('2026-03-02', 5)):
                flow = self._flow(day, day, **context)
                self.assertEqual(flow[self.stage_open]['entered'], number, (allowed, day))
                cohort = self._report(
                    'crm.funnel.cohort.report',
                    report_period_from=day,
                    report_period_to=day,
                    **context,
                )
                self.assertEqual(len(set(cohort.search([]).mapped('lead_ref'))), number)
                changes = self._report('crm.stage.change.report', **context)
                self.assertEqual(changes.search_count([('day', '=', day)]), number)

    def test_days_are_the_same_for_all_readers(self):
        """Wins of 1 April, 09:00 UTC: it is 31 March in Honolulu, in whose time zone the company is."""
        self.env.company.sales_tz = 'Pacific/Honolulu'
        for tz in ('Pacific/Honolulu', 'Asia/Tokyo', False):
            for model in ('crm.sales.cycle.report', 'crm.stage.change.report'):
                report = self._report(model, tz=tz)
                won = [('lead_id', '=', self.slow.id), ('expected_revenue', '=', 3000)]
                won += (
                    [('outcome', '=', 'won')]
                    if 'outcome' in report._fields
                    else [('kind', '=', 'won')]
                )
                [(month, count)] = report._read_group(won, ['day:month'], ['__count'])
                self.assertEqual((str(month), count), ('2026-03-01', 1), (tz, model))
                march = [('day', '>=', '2026-03-01'), ('day', '<', '2026-04-01')]
                self.assertEqual(report.search_count([*won, *march]), 1)
                self.assertFalse(report.search_count([*won, ('day', '>', '2026-03-31')]))
                self.assertFalse(report.search_count([*won, '!', ('day', '<=', '2026-03-31')]))

    def test_named_periods(self):
        report = self.env['crm.stage.flow.report']
        with self.mock_datetime_and_now(datetime(2026, 4, 15, 12)):
            for period, count in (
                ('last_month', 6),
                # slow was won on 1 April
                ('this_month', 1),
                ('this_year', 6),
                ('last_quarter', 6),
                ('last_year', 0),
                ('yesterday', 0),
            ):
                [(entered,)] = report.with_context(report_period=period)._read_group(
                    [('entered', '=', 1)], [], ['lead_ref:count_distinct']
                )
                self.assertEqual(entered, count, period)

    def test_week_begins_as_the_language_says(self):
        lang = self.env['res.lang']._lang_get(self.env.user.lang)
        report = self._report('crm.stage.flow.report', report_period='this_week')
        with self.mock_datetime_and_now(datetime(2026, 3, 4, 12)):
            for week_start, entered in (('1', 5 + 3), ('3', 3)):
                lang.week_start = week_start
                self.assertEqual(report._read_group([], [], ['entered:sum']), [(entered,)])

    def test_nonsense_in_the_context(self):
        report = self.env['crm.stage.flow.report']
        for context in (
            {'report_period': 'for ever'},
            {'report_period': ['this_month']},
            {'report_period': {}},
            {'report_period_from': '2026-03-05'},
            {'report_period_from': '2026-03-05', 'report_period_to': '2026-03-04'},
            {'report_period_from': "'; DROP TABLE crm_lead", 'report_period_to': '2026-03-04'},
            {'report_period_from': 7, 'report_period_to': [1]},
        ):
            with self.subTest(context=context), self.assertRaises(UserError):
                report.with_context(**context).search([])

    @users('user_sales_salesman')
    def test_own_opportunities_only(self):
        report = self.env['crm.stage.flow.report'].with_context(
            report_period_from='2026-03-01', report_period_to='2026-12-31'
        )
        self.assertEqual(report.search([]).lead_id, self.slow)


@tagged('post_install', '-at_install')
class TestSalesCycleReport(TestStageReportsCommon):
    MEASURES = [
        'won_count:sum',
        'lost_count:sum',
        'open_count:sum',
        'won_amount:sum',
        'win_rate:avg',
        'cycle_days:avg',
        'cycle_days_median:avg',
        'velocity:avg',
    ]

    def setUp(self):
        super().setUp()
        self._tell()
        self.report = self._report('crm.sales.cycle.report')

    def test_figures(self):
        with self._at(40):
            [figures] = self.report._read_group([], [], self.MEASURES)
        # 3 open × 2,000 on average × 2/3 won ÷ 20 days
        self.assertEqual(figures[:7], (2, 1, 3, 4000, 100 * 2 / 3, 20, 20))
        self.assertAlmostEqual(figures[7], 3 * 2000 * (2 / 3) / 20)

    def test_median_is_not_the_average(self):
        with self._at(30):
            self._create_opportunity(stage_id=self.stage_won.id)
        [(average, median)] = self.report._read_group(
            [], [], ['cycle_days:avg', 'cycle_days_median:avg']
        )
        self.assertEqual((round(average, 6), median), (round((10 + 30 + 0) / 3, 6), 10))

    def test_credit_stays_with_the_earner(self):
        self.quick.user_id = self.salesman
        wins = self._grouped(self.report, ['user_id'], ['won_count:sum', 'won_amount:sum'])
        self.assertEqual(wins[self.leads_user], (1, 1000))
        self.assertEqual(wins[self.salesman], (1, 3000))

    def test_rates_of_groups(self):
        rates = self._grouped(self.report, ['user_id'], ['win_rate:avg', 'velocity:avg'])
        self.assertEqual(rates[self.leads_user], (50, 3 * 1000 * (1 / 2) / 10))
        self.assertEqual(rates[self.salesman], (100, 0), "Nothing is open")

    def test_nothing_closed(self):
        with self._at(40):
            [figures] = self.report._read_group(
                [('outcome', '=', 'open')], [], ['win_rate:avg', 'velocity:avg']
            )
        self.assertIs(figures[0], False, "No rate, not 0 %")
        self.assertIs(figures[1], False)

    def test_velocity_over_currencies(self):
        """The won amounts of several currencies are converted before they are multiplied."""
        euro = self.env.ref('base.EUR')
        euro.active = True
        foreign = self.env['res.company'].create({'name': "Abroad", 'currency_id': euro.id})
        self.assertNotEqual(foreign.currency_id, self.env.company.currency_id)
        self._create_opportunity(company_id=foreign.id, team_id=False, user_id=False)
        report = self.report.with_context(allowed_company_ids=[self.env.company.id, foreign.id])
        [(velocity,)] = report._read_group([], [], ['velocity:avg'])
        [own_velocity] = self._grouped(report, ['company_id'], ['velocity:avg'])[self.env.company]
        # One more of four is open; nothing else differs.
        self.assertAlmostEqual(velocity, own_velocity * 4 / 3)
        win = self.env['crm.stage.history'].search([('is_win', '=', True)], limit=1)
        self.env.cr.execute(
            "UPDATE crm_stage_history SET company_id = %s WHERE id = %s", [foreign.id, win.id]
        )
        self.env.invalidate_all()
        rate = euro._convert(1, self.env.company.currency_id, self.env.company, win.entered_at)
        [(converted,)] = report._read_group([], [], ['velocity:avg'])
        self.assertAlmostEqual(converted, velocity * rate)

    def test_open_ones_belong_to_today(self):
        with self._at(40):
            in_april = [('date', '>=', '2026-04-01'), ('date', '<', '2026-05-01')]
            [figures] = self.report._read_group(in_april, [], ['open_count:sum', 'won_count:sum'])
        self.assertEqual(figures, (3, 1))

    def test_pivot(self):
        """The pivot of the web client has medians and velocity in all sections."""
        sections = self.report.formatted_read_grouping_sets(
            [], [[], ['user_id'], ['team_id', 'user_id']], self.MEASURES
        )
        self.assertEqual(sections[0][0]['cycle_days_median:avg'], 20)
        self.assertEqual(len(sections[1]), 2)


@tagged('post_install', '-at_install')
class TestStalledReport(TestStageReportsCommon):
    def setUp(self):
        super().setUp()
        self._tell()
        self.stage_open.rotting_threshold_days = 15
        self.report = self._report('crm.stalled.report')

    def test_who_is_stalled_and_by_how_much(self):
        """quick and slow spent 4 and 20 days in the first stage before they were won: 12."""
        with self._at(27):
            rows = self.report.search([], order='days, id')
            self.assertEqual(rows.lead_id, self.back + self.stuck + self.small)
            self.assertEqual(
                [
                    (row.days, row.days_over, row.median_days, round(row.ratio, 3), row.severity)
                    for row in rows
                ],
                # small was lost and taken back, which leaves its age
                [(17, 2, 12, 1.417, 'slow')] + 2 * [(27, 12, 12, 2.25, 'stuck')],
            )

    def test_silent_only(self):
        """An opportunity without a contact is stalled before its stage is."""
        self.env['res.company'].search([]).stall_silence_days = 5
        with self._at(14):
            row = self.report.search([('lead_id', '=', self.stuck.id)])
            self.assertEqual(
                (row.reason, row.days, row.silent_days, row.days_over), ('silence', 14, 14, 0)
            )
        self.env.invalidate_all()
        with self._at(16):
            self.assertEqual(self.report.search([('lead_id', '=', self.stuck.id)]).reason, 'both')

    def test_of_any_age(self):
        with self._at(3 * 365):
            self.assertIn(self.stuck, self.report.search([]).lead_id)
            self.assertNotIn(self.stuck, self.env['crm.lead'].search([('is_rotting', '=', True)]))

    def test_handover_does_not_restart_the_clock(self):
        with self._at(16):
            self.stuck.user_id = self.salesman
            row = self.report.search([('lead_id', '=', self.stuck.id)])
            self.assertEqual((row.days, row.user_id), (16, self.salesman))

    def test_ratio_of_a_group(self):
        with self._at(27):
            [(ratio, days)] = self.report._read_group([], [], ['ratio:avg', 'days:avg'])
        self.assertEqual((ratio, days), ((17 + 27 + 27) / (12 + 12 + 12), 71 / 3))

    def test_company_threshold_where_the_stage_has_none(self):
        self.stage_open.rotting_threshold_days = 0
        self.env['res.company'].search([]).write({'stall_age_days': 20, 'stall_silence_days': 0})
        with self._at(27):
            rows = self.report.search([], order='id')
            self.assertEqual(rows.lead_id, self.stuck + self.small)
            self.assertEqual(
                rows.mapped(lambda row: (row.threshold_days, row.days_over)), [(20, 7)] * 2
            )

    def test_without_threshold_or_win(self):
        self.stage_open.has_stall_alerts = False
        self.stage_late.rotting_threshold_days = 1
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        stage = self.env['crm.stage'].create({
            'name': "New",
            'sequence': 15,
            'rotting_threshold_days': 1,
        })
        lead.stage_id = stage
        with self.mock_datetime_and_now(datetime.now() + 3 * DAY):
            row = self.report.search([('lead_id', '=', lead.id)])
            self.assertEqual((row.median_days, row.ratio, row.severity), (0, 0, False))
            self.assertFalse(self.report.search([('stage_id', '=', self.stage_open.id)]))

    @users('user_sales_salesman')
    def test_own_opportunities_only(self):
        with self.mock_datetime_and_now(self.monday + 100 * DAY):
            self.assertFalse(self.env['crm.stalled.report'].search([]))
            self.stuck.sudo().user_id = self.env.user
            self.assertEqual(self.env['crm.stalled.report'].search([]).lead_id, self.stuck)


@tagged('post_install', '-at_install')
class TestObservedWinRate(TestStageReportsCommon):
    def setUp(self):
        super().setUp()
        self._tell()

    def test_rate_and_cases(self):
        """Open: quick and slow won, lost lost, small reopened, back and stuck open."""
        self.assertRecordValues(
            self.stage_open + self.stage_late,
            [
                {'observed_case_count': 3, 'observed_win_rate': 66.7},
                {'observed_case_count': 3, 'observed_win_rate': 66.7},
            ],
        )
        self.small.action_set_lost()
        self.env.invalidate_all()
        self.assertEqual(self.stage_open.observed_win_rate, 50)
        self.assertEqual(self.stage_late.observed_case_count, 3)

    def test_each_opportunity_counts_once(self):
        self.back.stage_id = self.stage_late
        self.back.stage_id = self.stage_open
        self.back.action_set_lost()
        self.env.invalidate_all()
        self.assertEqual(self.stage_open.observed_case_count, 4)

    def test_deleted_opportunities_count_on(self):
        self.lost.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.stage_open.observed_case_count, 3)

    def test_other_companies_are_apart(self):
        abroad = self.env['res.company'].create({'name': "Abroad"})
        stage = self.stage_open.with_context(allowed_company_ids=abroad.ids)
        self.assertEqual(stage.observed_case_count, 0)

    @users('user_sales_manager')
    def test_apply(self):
        stages = (self.stage_open + self.stage_late).with_env(self.env)
        stages.action_apply_observed_win_rate()
        self.assertEqual(stages.mapped('quota_rate'), [66.7, 66.7])
        self.assertEqual(self.stuck.quota_amount, 466.9)

    @users('user_sales_manager')
    def test_nothing_to_apply(self):
        stage = self.env['crm.stage'].create({'name': "New", 'quota_rate': 33})
        with self.assertRaisesRegex(UserError, "New"):
            stage.action_apply_observed_win_rate()
        self.assertEqual(stage.quota_rate, 33)
        stages = stage + self.stage_open.with_env(self.env) + self.stage_won.with_env(self.env)
        stages.action_apply_observed_win_rate()
        self.assertEqual(stages.mapped('quota_rate'), [33, 66.7, 100])

    @users('user_sales_leads')
    def test_administrators_only(self):
        stage = self.stage_open.with_env(self.env)
        self.assertEqual(stage.observed_case_count, 3, "Everyone reads it")
        with self.assertRaises(AccessError):
            stage.action_apply_observed_win_rate()


@tagged('post_install', '-at_install')
class TestStageHistoryButton(TestStageReportsCommon):
    def setUp(self):
        super().setUp()
        self._tell()

    def test_days_in_stage(self):
        with self._at(37):
            self.env.invalidate_all()
            self.assertEqual(
                [round(lead.days_in_stage) for lead in (self.stuck, self.slow, self.lost)],
                [37, 7, 16],
            )

    @users('user_sales_salesman')
    def test_opens_the_stays(self):
        lead = self.slow.with_env(self.env)
        action = lead.action_open_stage_history()
        stays = self.env['crm.stage.history'].search(action['domain'])
        self.assertEqual(len(stays), 4)

    def test_a_new_opportunity_has_none(self):
        self.assertEqual(self.env['crm.lead'].new({'name': "New"}).days_in_stage, 0)
