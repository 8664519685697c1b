"""Test quotas of longer periods, spread over months or taken from the funnel."""

from datetime import date
from random import Random

from odoo.exceptions import UserError
from odoo.tests import BaseCase, Form, tagged, users

from ...models.base.months import (
    LENGTHS,
    months_of_period,
    spread,
    start_of_period,
)
from .common import TestSalesQuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestPeriods(BaseCase):
    def test_start_of_period(self):
        day = date(2026, 2, 28)
        expected = {
            1: ('2026-02-01', '2026-01-01', '2026-01-01', '2026-01-01'),
            4: ('2026-02-01', '2026-01-01', '2025-10-01', '2025-04-01'),
            2: ('2026-02-01', '2026-02-01', '2026-02-01', '2026-02-01'),
            3: ('2026-02-01', '2025-12-01', '2025-09-01', '2025-03-01'),
        }
        for first_month, starts in expected.items():
            for kind, start in zip(LENGTHS, starts, strict=True):
                with self.subTest(first_month=first_month, kind=kind):
                    self.assertEqual(str(start_of_period(day, kind, first_month)), start)
        months = months_of_period(date(2025, 11, 1), 'half_year')
        self.assertEqual((months[0], months[-1]), (date(2025, 11, 1), date(2026, 4, 1)))

    def test_spread(self):
        self.assertEqual(spread(100, [0, 0, 0], 0.01), [33.33, 33.34, 33.33])
        self.assertEqual(spread(100, [1, 3], 0.01), [25, 75])
        self.assertEqual(spread(5, [1, 0, 1], 1), [2, 0, 3])
        self.assertEqual(spread(0, [1, 2], 0.01), [0, 0])

    def test_spread_loses_nothing(self):
        random = Random(26)
        for _round in range(300):
            rounding = random.choice([0.01, 1, 0.05, 0.001])
            units = random.randrange(10**9)
            weights = [random.choice([0, random.random() * 10**6]) for _ in range(12)]
            parts = spread(units * rounding, weights, rounding)
            self.assertEqual(sum(round(part / rounding) for part in parts), units)
            total = sum(weights)
            for part, weight in zip(parts, weights, strict=True):
                fair = units * rounding * weight / total if total else units * rounding / 12
                self.assertLessEqual(abs(part - fair), rounding * 1.001)


@tagged('post_install', '-at_install', 'sales_quota')
class TestSalesQuotaEntry(TestSalesQuotaCommon):
    """Enter quotas for a longer period."""

    def _enter(self, env=None, **values):
        dialog = (env or self.env)['crm.sales.quota.enter'].create({
            'user_ids': [(6, 0, self.seller.ids)],
            'date': '2026-08-20',
            'period': 'half_year',
            **values,
        })
        return (env or self.env)['crm.sales.quota'].search(
            dialog.action_enter()['domain'], order='user_id, month'
        )

    def _fill_funnel(self):
        """Create open opportunities of two salespeople, and records that must not count."""
        self.leads = [
            self._create_opportunity(name="Now", date_deadline='2026-07-31'),
            self._create_opportunity(
                name="Late",
                stage_id=self.stage_late.id,
                expected_revenue=1000.01,
                date_deadline='2026-12-01',
            ),
            self._create_opportunity(
                name="Overdue",
                expected_revenue=2_000_000,
                date_deadline='2026-03-01',
            ),
            self._create_opportunity(
                name="Next year",
                expected_revenue=500_000,
                date_deadline='2027-02-01',
            ),
            self._create_opportunity(
                name="Some day",
                expected_revenue=100_000,
                date_deadline=False,
            ),
        ]
        self._create_opportunity(user_id=self.other_seller.id, date_deadline='2026-09-09')
        self._create_opportunity(stage_id=self.stage_won.id)
        self._create_opportunity().action_set_lost()
        self._create_opportunity().action_archive()
        self._create_opportunity(type='lead')
        self._create_opportunity(user_id=False)
        self._create_opportunity(expected_revenue=0)

    def test_evenly(self):
        quotas = self._enter(amount=1000, user_ids=[(6, 0, (self.seller + self.other_seller).ids)])
        self.assertEqual(len(quotas), 12)
        own = quotas.filtered(lambda quota: quota.user_id == self.seller)
        self.assertEqual(own.mapped('month'), self.months)
        self.assertEqual(own.mapped('amount'), [166.67, 166.66, 166.67, 166.67, 166.66, 166.67])
        self.assertEqual(set(quotas.mapped('origin')), {'spread'})
        self.assertEqual(set(quotas.mapped('state')), {'draft'})
        self.assertEqual(self._enter(amount=5, period='month', date='2027-01-31').origin, 'manual')

    def test_by_last_years_actuals(self):
        self._win(300, '2025-07-03 10:00:00')
        self._win(100, '2025-09-30 10:00:00')
        self._win(999, '2025-06-30 10:00:00')
        quotas = self._enter(
            amount=1000,
            spread='last_year',
            user_ids=[(6, 0, (self.seller + self.other_seller).ids)],
        )
        self.assertEqual(
            quotas.filtered(lambda quota: quota.user_id == self.seller).mapped('amount'),
            [750, 0, 250, 0, 0, 0],
        )
        self.assertEqual(
            quotas.filtered(lambda quota: quota.user_id == self.other_seller)[0].amount,
            166.67,
            "evenly for who has nothing to go by",
        )

    def test_by_expected_closing(self):
        self._fill_funnel()
        quotas = self._enter(amount=2_040_000, spread='closing')
        # July 1,400,000; December 600.01 + 100,000 + 20,000 of 1,520,600.01.
        self.assertEqual(quotas[0].amount, 1_878_205.96)
        self.assertEqual(quotas[5].amount, 161_794.04)
        self.assertEqual(quotas.mapped('amount')[1:5], [0, 0, 0, 0])

    def test_team(self):
        quotas = self._enter(
            amount=600, user_ids=[(5,)], team_ids=[(6, 0, self.sales_team_1.ids)], confirm=True
        )
        self.assertFalse(quotas.user_id)
        self.assertEqual(quotas.team_id, self.sales_team_1)
        self.assertEqual(sum(quotas.mapped('amount')), 600)
        self.assertEqual(set(quotas.mapped('state')), {'confirmed'})

    def test_taken_from_the_funnel(self):
        """In the worked example, 5,000,000 at 20 % is 1,000,000, and the quota is the sum of all stages."""
        self._fill_funnel()
        quotas = self._enter(source='funnel', spread='closing')
        self.assertEqual(quotas.mapped('amount'), [1_400_000, 0, 0, 0, 0, 120_600.01])
        self.assertRecordValues(
            quotas.line_ids.sorted('id'),
            [
                {
                    'lead_id': lead.id,
                    'lead_name': lead.name,
                    'quota_id': quota.id,
                    'stage_id': lead.stage_id.id,
                    'date_deadline': lead.date_deadline,
                    'expected_revenue': lead.expected_revenue,
                    'quota_rate': rate,
                    'quota_rate_origin': 'stage',
                    'quota_amount': amount,
                    'amount': amount,
                }
                for lead, quota, rate, amount in (
                    (self.leads[2], quotas[0], 20, 400_000),
                    (self.leads[0], quotas[0], 20, 1_000_000),
                    (self.leads[1], quotas[5], 60, 600.01),
                    (self.leads[3], quotas[5], 20, 100_000),
                    (self.leads[4], quotas[5], 20, 20_000),
                )
            ],
        )
        self.assertEqual(quotas[0].line_amount, 1_400_000)
        self.assertEqual(quotas[0].adjustment, 0)
        quotas[0].amount = 1_500_000
        self.assertEqual(quotas[0].adjustment, 100_000)

    def test_only_what_closes_in_the_period(self):
        self._fill_funnel()
        quotas = self._enter(source='funnel', spread='closing', closing_in_period=True)
        self.assertEqual(quotas.mapped('amount'), [1_400_000, 0, 0, 0, 0, 600.01])
        self.assertEqual(len(quotas.line_ids), 3)

    def test_lines_explain_every_month_however_it_is_spread(self):
        """An opportunity that fills the rest of a month and a part of the next has a line in each."""
        self._fill_funnel()
        quotas = self._enter(
            source='funnel',
            spread='even',
            user_ids=[(6, 0, (self.seller + self.other_seller).ids)],
        )
        self.assertEqual(len(quotas), 12)
        for user, total in ((self.seller, 1_520_600.01), (self.other_seller, 1_000_000)):
            own = quotas.filtered(lambda quota, user=user: quota.user_id == user)
            self.assertAlmostEqual(sum(own.mapped('amount')), total, 2)
            self.assertLessEqual(max(own.mapped('amount')) - min(own.mapped('amount')), 0.02)
            for quota in own:
                self.assertAlmostEqual(sum(quota.line_ids.mapped('amount')), quota.amount, 2)
            self.assertEqual(set(own.line_ids.lead_id.user_id), set(user))
        parts = quotas.line_ids.filtered(lambda line: line.lead_id == self.leads[0])
        self.assertGreater(len(parts), 1)
        self.assertAlmostEqual(sum(parts.mapped('amount')), 1_000_000, 2)

    def test_snapshot_stays(self):
        """Later changes of an opportunity, its stage or its rate do not change the quota."""
        self._fill_funnel()
        quotas = self._enter(source='funnel', period='month', date='2026-07-01', confirm=True)
        total = quotas.amount
        self.stage_open.quota_rate = 90
        self.leads[0].write({'expected_revenue': 1, 'user_id': self.other_seller.id})
        self.leads[1].unlink()
        self.env.invalidate_all()
        self.assertEqual(quotas.amount, total)
        self.assertAlmostEqual(sum(quotas.line_ids.mapped('amount')), total, 2)
        self.assertIn("Late", quotas.line_ids.filtered(lambda line: not line.lead_id).lead_name)

    def test_identity_of_an_explained_quota(self):
        self._fill_funnel()
        quotas = self._enter(source='funnel', spread='closing')
        with self.assertRaisesRegex(UserError, "belong to their salesperson and month"):
            quotas[0].user_id = self.other_seller
        line = quotas.line_ids[0]
        quotas.unlink()
        self.assertFalse(line.exists())

    def test_in_the_way(self):
        self._create_quota(5, month='2026-09-01')
        with self.assertRaisesRegex(UserError, f"Replace drafts.*{self.seller.name} / September"):
            self._enter(amount=600)
        quotas = self._enter(amount=600, replace_drafts=True)
        self.assertEqual(quotas.mapped('amount'), [100] * 6)
        quotas[2].action_confirm()
        with self.assertRaisesRegex(UserError, "confirmed.*September"):
            self._enter(amount=1200, replace_drafts=True)
        self.assertEqual(sum(quotas.exists().mapped('amount')), 600, "nothing half-written")

    def test_nothing_to_do(self):
        with self.assertRaisesRegex(UserError, "choose whom"):
            self._enter(user_ids=[(5,)], amount=5)
        with self.assertRaisesRegex(UserError, "nothing to take"):
            self._enter(source='funnel')
        with self.assertRaisesRegex(UserError, "Only salespeople"):
            self._enter(source='funnel', team_ids=[(6, 0, self.sales_team_1.ids)])

    @users('user_sales_manager')
    def test_dialog(self):
        dialog = Form(self.env['crm.sales.quota.enter'])
        dialog.user_ids.add(self.seller)
        dialog.period = 'half_year'
        self.assertEqual(dialog.period_label, "July 2026 – December 2026")
        dialog.source = 'funnel'
        self.assertEqual(dialog.spread, 'closing')
        self._create_opportunity(date_deadline='2026-08-08')
        action = dialog.save().action_enter()
        quotas = self.env['crm.sales.quota'].search(action['domain'])
        self.assertEqual(sum(quotas.mapped('amount')), 1_000_000)

    def test_number_of_queries_does_not_grow(self):
        """The number of queries is independent of the numbers of salespeople and opportunities."""
        sellers = self.env['res.users'].create([
            {'name': f"Seller {number}", 'login': f"quota_seller_{number}"} for number in range(12)
        ])

        def count(number, month):
            for seller in sellers[:number]:
                for _lead in range(number):
                    self._create_opportunity(user_id=seller.id, date_deadline='2026-09-09')
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['crm.sales.quota']._take_from_funnel(
                sellers[:number], self.company, [month], 'closing'
            ).action_confirm()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1, date(2026, 6, 1))
        few = count(2, date(2026, 7, 1))
        self.assertEqual(few, count(12, date(2026, 8, 1)))
