from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestSalespersonLock(TestQuotaRateCommon):
    """stage_late has the lock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_late.lock_salesperson = True
        cls.other = cls.user_sales_salesman

    def test_locked(self):
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        with self.assertRaisesRegex(UserError, "Spaceship"):
            lead.user_id = self.other
        with self.assertRaises(UserError):
            lead.user_id = False

    def test_way_through(self):
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        lead._hand_over({'user_id': self.other.id})
        self.assertEqual(lead.user_id, self.other)
        with self.assertRaises(UserError):
            lead.user_id = self.user_sales_leads
