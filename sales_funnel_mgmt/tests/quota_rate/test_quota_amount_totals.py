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
