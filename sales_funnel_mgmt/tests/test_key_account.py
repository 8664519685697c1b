from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users

from .common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestKeyAccount(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.novice = cls.sales_team_1_m1
        cls.novice.seniority_by_hand = 'novice'
        cls.key_account = cls.contact_company_1
        cls.key_account.key_account = 'yes'

    def test_novice_by_time_in_the_team(self):
        member = self.sales_team_1_m2
        self.assertTrue(member.joined_on)
        self.env.company.novice_months = 6
        today = date.today()
        for joined_on, seniority in (
            (today, 'novice'),
            (today - relativedelta(months=6) + relativedelta(days=1), 'novice'),
            (today - relativedelta(months=6), 'senior'),
        ):
            member.joined_on = joined_on
            self.assertEqual(member.seniority, seniority, joined_on)
        member.joined_on = today
        self.env.company.novice_months = 0
        self.assertEqual(member.seniority, 'senior')

    def test_by_hand_wins(self):
        member = self.sales_team_1_m2
        member.joined_on = date.today()
        member.seniority = 'senior'
        self.assertEqual(member.seniority_by_hand, 'senior')
        found = self.env['crm.team.member'].search([('seniority', '=', 'senior')])
        self.assertIn(member, found)
        self.assertNotIn(self.novice, found)

    def test_senior_in_one_team_is_no_novice(self):
        Member = self.env['crm.team.member']
        self.assertEqual(Member._get_novices(self.novice.user_id), self.novice.user_id)
        self.env['ir.config_parameter'].sudo().set_param('sales_team.membership_multi', True)
        Member.create({
            'user_id': self.novice.user_id.id,
            'crm_team_id': self.env['crm.team'].create({'name': "Other"}).id,
            'seniority': 'senior',
        })
        self.assertFalse(Member._get_novices(self.novice.user_id))
        self.assertFalse(Member._get_novices(self.user_sales_manager), "No member at all")

    def test_key_account_by_hand(self):
        self.assertTrue(self.contact_1.is_key_account, "A contact is what its company is")
        self.assertFalse(self.contact_2.is_key_account)
        found = self.env['res.partner'].search([('is_key_account', '=', True)])
        self.assertLessEqual(self.key_account + self.contact_1, found)
        self.assertNotIn(self.contact_2, found)
        others = self.env['res.partner'].search([('is_key_account', '=', False)])
        self.assertNotIn(self.contact_1, others)
        self.assertIn(self.contact_2, others)

    def test_key_account_by_won_value(self):
        self.key_account.key_account = False
        self.env.company.key_account_revenue = 1000
        lead = self._create_opportunity(expected_revenue=999)
        self.assertFalse(self.key_account.is_key_account)
        lead.action_set_won()
        self.env.invalidate_all()
        self.assertFalse(self.key_account.is_key_account, "999 of 1,000")
        lead.expected_revenue = 1000
        self.env.invalidate_all()
        self.assertTrue(self.contact_1.is_key_account)
        self.assertTrue(lead.is_key_account)
        self.assertIn(
            self.contact_1, self.env['res.partner'].search([('is_key_account', '=', True)])
        )
        self.key_account.key_account = 'no'
        self.assertFalse(self.contact_1.is_key_account, "By hand wins")

    @users('user_sales_leads')
    def test_administrators_alone_say_who_is_one(self):
        customer = self.key_account.with_env(self.env)
        self.assertTrue(customer.is_key_account)
        with self.assertRaises(AccessError):
            customer.key_account = 'no'

    @users('user_sales_manager')
    def test_warning_in_the_form(self):
        with self.assertLogs('odoo.tests.form.onchange', 'WARNING') as logs:
            form = Form(self.env['crm.lead'].with_context(default_type='opportunity'))
            form.name = "Deal"
            form.partner_id = self.contact_1
            form.user_id = self.novice.user_id
        self.assertIn("key account", "".join(logs.output))
        with self.assertNoLogs('odoo.tests.form.onchange', 'WARNING'):
            form.user_id = self.user_sales_manager

    def test_no_warning_for_others(self):
        lead = self._create_opportunity(partner_id=self.contact_2.id)
        lead.user_id = self.novice.user_id
        self.assertIsNone(lead._onchange_novice_gets_key_account())

    def test_assignment_leaves_key_accounts_to_people(self):
        self.env['crm.lead'].search([]).unlink()
        values = {'type': 'lead', 'user_id': False, 'team_id': self.sales_team_1.id}
        key, other = (
            self._create_opportunity(**values, partner_id=partner.id)
            for partner in (self.contact_1, self.contact_2)
        )
        (key + other).date_open = False
        team = self.sales_team_1
        self.assertEqual(self.env['crm.lead'].search(team._get_lead_to_assign_domain()), other)
        team.crm_team_member_ids.seniority_by_hand = 'senior'
        self.assertEqual(
            self.env['crm.lead'].search(team._get_lead_to_assign_domain()), key + other
        )
