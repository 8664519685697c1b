"""Test the figures of the manager's page and the steps of the setup."""

from datetime import datetime

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged, users

from ..sales_quota.common import NOW, TestSalesQuotaCommon


@tagged('post_install', '-at_install')
class TestSalesOverview(TestSalesQuotaCommon):
    """Compare the figures of the page with those of the reports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overview = cls.env['crm.sales.overview'].with_user(cls.user_sales_manager)
        cls.team = cls.sales_team_1
        cls.other_team = cls.env['crm.team'].create({'name': "Elsewhere"})

    def _row(self, part, user):
        [row] = [row for row in part['rows'] if row['id'] == user.id]
        return row

    def _get(self, team=None):
        self.env.flush_all()
        return self.overview.get_overview((team or self.team).id)

    def test_attainment_of_the_quarter(self):
        self._create_quota(1000, month='2026-07-01')
        self._create_quota(1000, month='2026-08-01')
        self._create_quota(500, month='2026-10-01')
        self._win(1500, datetime(2026, 7, 10))
        self._win(700, datetime(2026, 6, 30))
        part = self._get()['attainment']
        self.assertEqual((part['date_from'], part['date_to']), ('2026-07-01', '2026-09-30'))
        row = self._row(part, self.seller)
        self.assertEqual((row['quota'], row['actual'], row['attainment']), (2000, 1500, 0.75))
        self.assertEqual(row['status'], 'below')
        self.assertEqual((part['total']['quota'], part['total']['actual']), (2000, 1500))
        self.assertEqual(part['rows'][0], row, "Who has no quota comes last")

    @freeze_time('2026-12-31 20:00:00')
    def test_day_of_the_company(self):
        """At the turn of the year, periods follow the time zone of the company, for each reader."""
        self.company.sales_tz = 'Asia/Shanghai'
        self.user_sales_manager.tz = 'UTC'
        env = self.overview.env
        self.assertEqual(self._get()['attainment']['date_from'], '2027-01-01')
        self.assertEqual(env['crm.sales.quota'].get_grid()['date_from'], '2027-01-01')
        first = fields.Date.to_date('2027-01-01')
        for model, field in (('crm.sales.quota', 'month'), ('crm.sales.quota.enter', 'date')):
            self.assertEqual(env[model].default_get([field]), {field: first})
        workbook = env['crm.review.workbook'].new({'period': 'this_month'})
        self.assertEqual(workbook.date_from, first)

    def test_days_are_those_of_the_company(self):
        """On 30 June at 20:00 UTC it is July in Shanghai, for all readers."""
        self.env.company.sales_tz = 'Asia/Shanghai'
        overview = self.overview.with_context(tz='UTC')
        with freeze_time(datetime(2026, 6, 30, 20)):
            part = overview.get_overview(self.team.id)['attainment']
        self.assertEqual((part['date_from'], part['date_to']), ('2026-07-01', '2026-09-30'))

    def test_members_without_figures_have_no_quota(self):
        rows = self._get()['attainment']['rows']
        self.assertLessEqual(
            set(self.team.crm_team_member_ids.user_id.ids), {r['id'] for r in rows}
        )
        self.assertEqual({row['status'] for row in rows}, {'no_quota'})

    def test_teams_own_quota_is_nobodys(self):
        self._create_quota(9000, user=self.env['res.users'], team_id=self.team.id)
        part = self._get()['attainment']
        self.assertNotIn(False, [row['id'] for row in part['rows']])
        self.assertEqual(part['total']['quota'], 0)

    def test_stalled_of_the_open_ones(self):
        self.stage_open.write({'rotting_threshold_days': 5, 'silence_threshold_days': 1000})
        with self.mock_datetime_and_now(datetime(2026, 7, 1)):
            self._create_opportunity(name="Old")
            self._create_opportunity(name="Elsewhere", team_id=self.other_team.id)
            self.env.flush_all()
        with self.mock_datetime_and_now(NOW):
            self._create_opportunity(name="New")
            part = self._get()['stalled']
            stalled = self.env['crm.lead'].search([
                ('is_stalled', '=', True),
                ('team_id', '=', self.team.id),
            ])
        row = self._row(part, self.seller)
        self.assertEqual((row['count'], row['open']), (1, 2))
        self.assertEqual(part['count'], len(stalled))

    def test_handovers_under_way(self):
        lead = self._create_opportunity()
        handover = self.env['crm.handover'].create({
            'from_user_id': self.seller.id,
            'receiver_ids': [Command.create({'user_id': self.other_seller.id})],
            'line_ids': [Command.create({'lead_id': lead.id, 'to_user_id': self.other_seller.id})],
        })
        self.assertFalse(self._get()['handovers']['rows'], "A draft is not under way")
        handover.state = 'in_progress'
        part = self._get()['handovers']
        self.assertEqual([row['id'] for row in part['rows']], handover.ids)
        self.assertEqual(part['rows'][0]['opportunities'], 1)
        self.assertFalse(self._get(self.other_team)['handovers']['rows'])

    def test_communications_of_the_week(self):
        """The week of July 15 (a Wednesday) begins on Sunday, as set in the user's language."""
        lead = self._create_opportunity()
        call = self.env.ref('mail.mail_activity_data_call')

        def done(day, user):
            with freeze_time(day):
                activity = lead.with_user(user).activity_schedule(
                    activity_type_id=call.id, user_id=user.id
                )
                activity.with_user(user).action_feedback()

        done(datetime(2026, 7, 14, 9), self.seller)
        done(datetime(2026, 7, 13, 9), self.seller)
        done(datetime(2026, 7, 7, 9), self.seller)
        part = self._get()['communications']
        row = self._row(part, self.seller)
        self.assertEqual((row['count'], row['kinds'], row['customers']), (2, {'call': 2}, 1))
        self.assertEqual((part['count'], part['before']), (2, 1))

    def test_funnel_of_the_team(self):
        self._create_opportunity()
        self._create_opportunity(team_id=self.other_team.id)
        funnel = self._get()['funnel']
        self.assertEqual(funnel['mode'], 'now')
        expected = self.env['crm.funnel.report'].get_funnel(
            [('type', '=', 'opportunity'), ('team_id', '=', self.team.id)], 'now'
        )
        self.assertEqual(funnel['funnels'], expected['funnels'])

    def test_concentration_warnings(self):
        self.env.company.concentration_min_customers = 1
        self._win(100, datetime(2026, 7, 2))
        [warning] = self._get()['concentration']
        self.assertEqual(warning['id'], self.team.id)
        self.assertIn(self.seller.name, warning['warning'])

    def test_begins_with_the_team_that_one_leads(self):
        self.env['crm.team'].search([('user_id', '=', self.user_sales_manager.id)]).user_id = False
        self.assertEqual(self.overview.get_overview()['team_id'], False)
        self.team.user_id = self.user_sales_manager
        self.assertEqual(self.overview.get_overview()['team_id'], self.team.id)
        self.assertEqual(self.overview.get_overview(False)['team_id'], False)
        with self.assertRaises(UserError):
            self.overview.get_overview('nonsense')

    @users('user_sales_salesman')
    def test_not_for_who_sees_own_opportunities_only(self):
        with self.assertRaises(AccessError):
            self.env['crm.sales.overview'].get_overview()

    def test_queries_do_not_grow_with_people(self):
        def count():
            self.env.invalidate_all()
            # Cache names and time zones first, or the number of queries depends on the order.
            self.env['res.users'].sudo().search([]).partner_id.mapped('tz')
            before = self.cr.sql_log_count
            self._get()
            return self.cr.sql_log_count - before

        # The number of warnings is the same before and after.
        self.env.company.concentration_min_customers = 1000
        self._create_opportunity()
        self._win(100, datetime(2026, 7, 3))
        count()
        few = count()
        for user in self.team.crm_team_member_ids.user_id | self.user_sales_manager:
            self._create_opportunity(user_id=user.id)
            self._win(100, datetime(2026, 7, 3), user_id=user.id)
        self.assertEqual(count(), few)


@tagged('post_install', '-at_install')
class TestSalesSetup(TestSalesQuotaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setup_steps = cls.env['crm.sales.setup'].with_user(cls.user_sales_manager)

    def _missing(self, key):
        return {step['key']: step['missing'] for step in self.setup_steps.get_steps()}[key]

    def test_rates(self):
        stages = self.env['crm.stage'].search([])
        stages._set_initial_quota_rates()
        self.assertIn("installation", self._missing('rates'))
        self.stage_open.quota_rate = 0
        self.assertIn(self.stage_open.name, self._missing('rates'))
        self.stage_open.quota_rate = 33
        self.assertFalse(self._missing('rates'))

    def test_thresholds(self):
        self.env['crm.stage'].search([]).write({
            'rotting_threshold_days': 0,
            'silence_threshold_days': 0,
        })
        self.assertIn("30 days", self._missing('thresholds'))
        self.stage_open.silence_threshold_days = 3
        self.assertFalse(self._missing('thresholds'))

    def test_leaders(self):
        self.sales_team_1.user_id = False
        self.assertIn(self.sales_team_1.name, self._missing('leaders'))
        self.env.company.stall_fallback_user_id = self.user_sales_manager
        self.assertFalse(self._missing('leaders'))

    def test_locks(self):
        self.env['crm.stage'].search([]).lock_salesperson = False
        self.assertTrue(self._missing('locks'))
        self.stage_late.lock_salesperson = True
        self.assertFalse(self._missing('locks'))

    def test_plans(self):
        self.assertTrue(self._missing('plans'))
        plan = self.env['mail.activity.plan'].create({'name': "Visit", 'res_model': 'crm.lead'})
        self.env['crm.stage'].search([]).handover_plan_id = plan
        self.assertFalse(self._missing('plans'))

    def test_quotas(self):
        self.assertTrue(self._missing('quotas'))
        for user in self.env['crm.team.member'].search([]).user_id:
            self._create_quota(100, user=user)
        self.assertFalse(self._missing('quotas'))

    def test_the_month_is_that_of_the_company(self):
        for user in self.env['crm.team.member'].search([]).user_id:
            self._create_quota(100, user=user, month='2026-08-01')
        self.assertTrue(self._missing('quotas'))
        self.env.company.sales_tz = 'Asia/Shanghai'
        with freeze_time(datetime(2026, 7, 31, 20)):
            self.assertFalse(self._missing('quotas'))

    def test_hidden_for_all(self):
        self.setup_steps.hide()
        self.assertFalse(self.setup_steps.get_steps())

    @users('user_sales_leads')
    def test_for_sales_administrators_only(self):
        self.assertFalse(self.env['crm.sales.setup'].get_steps())
        with self.assertRaises(AccessError):
            self.env['crm.sales.setup'].hide()
        self.assertTrue(self.env.company.show_sales_funnel_setup)
