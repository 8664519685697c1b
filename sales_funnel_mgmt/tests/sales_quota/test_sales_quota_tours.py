"""Test the pages of sales quotas in the browser."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install', 'sales_quota')
class TestSalesQuotaTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tours look for English texts.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env.ref('base.user_admin').lang = 'en_US'
        cls.seller = mail_new_test_user(
            cls.env,
            name="Tour seller",
            login='tour_seller',
            groups='sales_team.group_sale_salesman',
            lang='en_US',
        )
        cls.team = cls.env['crm.team'].create({
            'name': "Tour team",
            'company_id': cls.env.ref('base.user_admin').company_id.id,
            'member_ids': cls.seller.ids,
        })
        cls.stage = cls.env['crm.stage'].create({
            'name': "Tour negotiation",
            'sequence': 0,
            'quota_rate': 20,
        })

    def test_administrator_plans_a_year(self):
        """The administrator edits a cell, takes the year from the funnel, and opens the report."""
        self.env['crm.lead'].create({
            'name': "Tour opportunity",
            'type': 'opportunity',
            'user_id': self.seller.id,
            'team_id': self.team.id,
            'stage_id': self.stage.id,
            'expected_revenue': 5_000_000,
            'date_deadline': fields.Date.today(),
        })
        self.start_tour('/odoo', 'sales_funnel_mgmt_sales_quotas', login='admin')
        quotas = self.env['crm.sales.quota'].search([('user_id', '=', self.seller.id)])
        self.assertEqual(len(quotas), 12)
        self.assertEqual(sum(quotas.mapped('amount')), 1_000_000)

    def test_salesperson_sees_their_own(self):
        self.env['crm.sales.quota'].create({
            'user_id': self.seller.id,
            'month': fields.Date.today(),
            'amount': 1000,
        })
        order = self.env['crm.lead'].create({
            'name': "Tour order",
            'type': 'opportunity',
            'user_id': self.seller.id,
            'team_id': self.team.id,
            'stage_id': self.stage.id,
            'expected_revenue': 250,
        })
        order.action_set_won()
        self.env.flush_all()
        self.start_tour('/odoo', 'sales_funnel_mgmt_my_quota', login='tour_seller')
