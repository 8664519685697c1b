"""Test the quota rates of stages."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestCrmStage(TestQuotaRateCommon):
    def test_percentage_is_validated(self):
        for rate in (-0.01, 100.01):
            with self.subTest(rate=rate), self.assertRaisesRegex(ValidationError, "Negotiation"):
                self.stage_open.quota_rate = rate
        for rate in (0, 33.33, 100):
            self.stage_open.quota_rate = rate
            self.assertEqual(self.stage_open.quota_rate, rate)

    def test_percentage_is_validated_at_creation(self):
        with self.assertRaisesRegex(ValidationError, "Too much"):
            self.env['crm.stage'].create({'name': "Too much", 'quota_rate': 101})

    def test_won_stage_counts_in_full(self):
        self.assertEqual(self.stage_won.quota_rate, 100, "without being told")
        with self.assertRaisesRegex(ValidationError, "Generic Won"):
            self.stage_won.quota_rate = 90
        with self.assertRaises(ValidationError):
            self.env['crm.stage'].create({'name': "W", 'is_won': True, 'quota_rate': 50})

    def test_becoming_won_sets_the_rate(self):
        lead = self._create_opportunity()
        self.stage_open.is_won = True
        self.assertEqual(self.stage_open.quota_rate, 100)
        self.assertQuota(lead, 100, 'stage', 5_000_000)
        self.stage_open.write({'is_won': False, 'quota_rate': 30})
        self.assertQuota(lead, 30, 'stage', 1_500_000)

    def test_becoming_won_overrides_all_other_rates(self):
        self._create_rate(40, partner_id=self.customer.id)
        lead = self._create_opportunity()
        own = self._create_opportunity(
            has_own_quota_rate=True,
            own_quota_rate=10,
            own_quota_rate_reason="Trial",
        )
        self.stage_open.is_won = True
        self.assertQuota(lead, 100, 'stage', 5_000_000)
        self.assertQuota(own, 100, 'stage', 5_000_000)

    def test_initial_rates_rise_evenly(self):
        stages = self.env['crm.stage'].create([
            {'name': f"Stage {number}", 'sequence': number} for number in range(1, 5)
        ])
        (stages | self.stage_won)._set_initial_quota_rates()
        self.assertEqual(stages.mapped('quota_rate'), [20, 40, 60, 80])
        self.assertEqual(self.stage_won.quota_rate, 100)

    def test_new_stage_starts_with_the_rate_before_it(self):
        stages = self.env['crm.stage'].create([
            {'name': "Between", 'sequence': 15},
            {'name': "First of all", 'sequence': -1},
            {'name': "Given", 'sequence': 15, 'quota_rate': 33},
        ])
        self.assertEqual(stages.mapped('quota_rate'), [20, 0, 33])

    def test_reading_all_fields_needs_no_more_rights_than_before(self):
        employee = mail_new_test_user(self.env, login='employee', groups='base.group_user')
        stages = self.env['crm.stage'].with_user(employee).search_read([])
        self.assertIn('quota_rate', stages[0])
        self.assertNotIn('quota_rate_ids', stages[0])
