from odoo.tests import tagged

from .common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestHandover(TestQuotaRateCommon):
    def test_smoke(self):
        leads = self._create_opportunity() + self._create_opportunity(partner_id=self.contact_2.id)
        handover = self.env['crm.handover']._create_from_leads(
            leads, receiver_ids=[(0, 0, {'user_id': self.user_sales_salesman.id})]
        )
        handover.finding_ids.write({'is_waived': True, 'waive_reason': 'x'})
        print(handover.finding_ids.mapped('display_name'))
        handover.action_start()
        print(handover.state, leads.user_id.mapped('name'), leads.team_id.mapped('name'))
