"""Test the totals of quota amounts and rates of groups."""

from odoo.tests import tagged

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestQuotaAmountTotals(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env['crm.lead'].union(
            *(
                cls._create_opportunity(
                    user_id=user.id, stage_id=stage.id, expected_revenue=revenue
                )
                for user in (cls.user_sales_leads, cls.user_sales_salesman, cls.user_sales_manager)
                for stage in (cls.stage_open, cls.stage_late, cls.stage_won)
                for revenue in (100, 333.33)
            )
        )
        cls.domain = [('id', 'in', cls.leads.ids)]

    def test_sums_agree_whatever_the_grouping(self):
        Lead = self.env['crm.lead']
        expected = sum(self.leads.mapped('quota_amount'))
        self.assertAlmostEqual(expected, 3 * (20 + 66.67 + 60 + 200 + 100 + 333.33), 2)
        for groupby in ('user_id', 'stage_id', 'quota_rate_origin'):
            total = sum(
                amount
                for _group, amount in Lead._read_group(
                    self.domain,
                    [groupby],
                    ['quota_amount:sum'],
                )
            )
            self.assertAlmostEqual(total, expected, 2, groupby)

    def test_rate_of_a_group_is_amount_by_revenue(self):
        """The rate of a group is weighted by revenue, not by the number of opportunities."""
        [(rate,)] = self.env['crm.lead']._read_group(self.domain, [], ['quota_rate:avg'])
        self.assertAlmostEqual(rate, 60, 2)
        self.leads.filtered(lambda lead: lead.stage_id == self.stage_late).expected_revenue = 0
        [(rate,)] = self.env['crm.lead']._read_group(self.domain, [], ['quota_rate:avg'])
        self.assertAlmostEqual(rate, 60, 2)
        won = self.leads.filtered(lambda lead: lead.stage_id == self.stage_won)
        won[0].expected_revenue = 10_000
        [(rate,)] = self.env['crm.lead']._read_group(self.domain, [], ['quota_rate:avg'])
        self.assertGreater(rate, 80)

    def test_rate_of_a_group_without_revenue_is_empty(self):
        self.leads.expected_revenue = 0
        [(rate,)] = self.env['crm.lead']._read_group(self.domain, [], ['quota_rate:avg'])
        self.assertFalse(rate)

    def test_pivot_of_the_web_client(self):
        result = self.env['crm.lead'].formatted_read_grouping_sets(
            self.domain,
            [[], ['user_id'], ['user_id', 'stage_id']],
            ['quota_amount:sum', 'quota_rate:avg', 'expected_revenue:sum'],
        )
        self.assertAlmostEqual(result[0][0]['quota_amount:sum'], 2340, 2)
        self.assertEqual(len(result[2]), 9)
        for group in result[2]:
            self.assertAlmostEqual(
                group['quota_rate:avg'],
                100 * group['quota_amount:sum'] / group['expected_revenue:sum'],
                6,
            )

    def test_rate_over_currencies(self):
        """The rate of a group is that of converted amounts, at every level, with orders and conditions."""
        yen = self._create_company_abroad("Yen", 150)
        ours = self._create_opportunity(
            user_id=False,
            company_id=self.env.company.id,
            expected_revenue=10_000,
            stage_id=self.stage_open.id,
        )
        theirs = self._create_opportunity(
            user_id=False,
            team_id=False,
            company_id=yen.id,
            expected_revenue=150_000,
            stage_id=self.stage_late.id,
        )
        self.stage_open.quota_rate, self.stage_late.quota_rate = 25, 75
        Lead = self.env['crm.lead'].with_context(allowed_company_ids=(self.env.company + yen).ids)
        domain = [('id', 'in', (ours + theirs).ids)]
        [[total], by_company] = Lead.formatted_read_grouping_sets(
            domain, [[], ['company_id']], ['quota_rate:avg']
        )
        self.assertAlmostEqual(total['quota_rate:avg'], 100 * 3250 / 11_000, 6)
        self.assertEqual({group['quota_rate:avg'] for group in by_company}, {25, 75})
        groups = Lead.formatted_read_group(
            domain, ['company_id'], ['quota_rate:avg'], order='quota_rate:avg desc'
        )
        self.assertEqual([group['quota_rate:avg'] for group in groups], [75, 25])
        groups = Lead.formatted_read_group(
            domain, ['company_id'], ['quota_rate:avg'], having=[('quota_rate:avg', '>', 30)]
        )
        self.assertEqual([group['quota_rate:avg'] for group in groups], [75])

    def test_amounts_follow_the_decimals_of_the_currency(self):
        yen = self._create_company_abroad("Yen", 150)
        lead = self._create_opportunity(
            user_id=False, team_id=False, company_id=yen.id, expected_revenue=103
        )
        lost = self._create_opportunity(
            user_id=False, team_id=False, company_id=yen.id, expected_revenue=103
        )
        self.assertEqual(lead.quota_amount, 20.6)
        lost.action_set_lost()
        whole = self.env['res.currency'].create({'name': 'TQW', 'symbol': 'W', 'rounding': 1})
        yen.currency_id = whole
        self.assertEqual(lead.quota_amount, 21)
        self.assertEqual(lost.quota_amount, 20.6, "What is closed keeps its amount")
        whole.rounding = 0.1
        self.assertEqual(lead.quota_amount, 20.6)

    def test_amount_is_rounded_to_the_currency_of_the_new_company(self):
        """Odoo keeps an amount that the new currency rounds to the same."""
        abroad = self._create_company_abroad("Abroad", 10)
        abroad.currency_id.rounding = 1
        self.env.user.company_ids += abroad
        lead = self._create_opportunity(
            user_id=False, team_id=False, partner_id=False, expected_revenue=897
        )
        lead.company_id = self.env.company
        self.assertEqual(lead.quota_amount, 179.4)
        lead.company_id = abroad
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(lead.quota_amount, 179)
        stays = lead.stage_history_ids.sorted('id')
        self.assertEqual(stays.mapped('quota_amount'), [179.4, 179])
