"""Test the installation on a database with opportunities."""

from odoo.tests import tagged

from ...hooks import post_init_hook, pre_init_hook
from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestInstallation(TestQuotaRateCommon):
    def test_existing_opportunities_get_their_rates(self):
        """The installation fills the new columns of open, won and lost opportunities."""
        lead = self._create_opportunity()
        lost = self._create_opportunity(stage_id=self.stage_late.id)
        lost.action_set_lost()
        won = self._create_opportunity(stage_id=self.stage_won.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET quota_rate = NULL, quota_rate_origin = NULL, quota_amount = NULL"
        )
        self.env.invalidate_all()
        pre_init_hook(self.env)
        post_init_hook(self.env)
        for opportunity in (lead, lost, won):
            self.assertQuota(
                opportunity,
                opportunity.stage_id.quota_rate,
                'stage',
                50_000 * opportunity.stage_id.quota_rate,
            )
        self.assertEqual(won.quota_rate, 100)
        self.assertLess(lead.quota_rate, lost.quota_rate)
