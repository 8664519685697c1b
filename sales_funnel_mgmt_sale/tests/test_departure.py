"""Test that activities on sales orders outlast their user."""

from odoo.tests import tagged

from .common import TestQuotaActualCommon


@tagged('post_install', '-at_install', 'handover')
class TestDeparture(TestQuotaActualCommon):
    def test_activity_on_a_quotation_is_kept(self):
        """Of a user who is archived by an administrator."""
        order = self._create_order(100)
        leaver = self.seller
        leader = self.sales_team_1.user_id
        order.write({'user_id': leaver.id, 'team_id': self.sales_team_1.id})
        activity = order.activity_schedule('mail.mail_activity_data_call', user_id=leaver.id)
        leaver.with_user(self.env.ref('base.user_admin')).action_archive()
        self.assertEqual(activity.exists().user_id, leader)
        self.assertEqual(activity.former_user_id, leaver)
