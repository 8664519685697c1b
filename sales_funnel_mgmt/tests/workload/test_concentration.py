"""Test the concentration of won customers."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestConcentration(TestQuotaRateCommon):
    """Check the concentration of a team of two.

    Of ten won customers, leads holds nine worth 100 each, and salesman holds one worth 300.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].search([]).unlink()
        cls.leads_user, cls.salesman = cls.user_sales_leads, cls.user_sales_salesman
        cls.sales_team_1.crm_team_member_ids.unlink()
        cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': cls.sales_team_1.id}
            for user in (cls.leads_user, cls.salesman)
        ])
        cls.company = cls.env.company
        customers = cls.env['res.partner'].create([
            {'name': f"Customer {number}", 'is_company': True} for number in range(10)
        ])
        won = {'stage_id': cls.stage_won.id}
        for number, customer in enumerate(customers):
            user = cls.leads_user if number < 9 else cls.salesman
            cls._create_opportunity(
                **won,
                partner_id=customer.id,
                user_id=user.id,
                team_id=cls.sales_team_1.id,
                expected_revenue=100 if number < 9 else 300,
            )
        cls._create_opportunity(partner_id=customers[9].id, expected_revenue=10_000)
        cls.report = cls.env['crm.concentration.report']

    def _row(self, user):
        self.env.invalidate_all()
        return self.report.search([('user_id', '=', user.id)])

    def test_shares(self):
        row = self._row(self.leads_user)
        self.assertRecordValues(
            row,
            [
                {
                    'team_id': self.sales_team_1.id,
                    'won_customer_count': 9,
                    'won_revenue': 900,
                    'customer_share': 90,
                    'value_share': 75,
                    'is_concentrated': True,
                },
            ],
        )
        self.assertFalse(self._row(self.salesman).is_concentrated)

    def test_index_of_a_team(self):
        measures = ['customer_hhi:avg', 'value_hhi:avg', 'customer_share:max']
        [figures] = self.report._read_group([('team_id', '=', self.sales_team_1.id)], [], measures)
        self.assertEqual(figures, (90**2 + 10**2, 75**2 + 25**2, 90))

    def test_limit_is_exclusive_and_a_setting(self):
        self.company.concentration_limit = 90
        self.assertFalse(self._row(self.leads_user).is_concentrated)
        self.company.concentration_limit = 89.9
        self.assertTrue(self._row(self.leads_user).is_concentrated)
        with self.assertRaises(ValidationError):
            self.company.concentration_limit = 101

    def test_silent_with_few_customers(self):
        self.company.concentration_min_customers = 11
        self.assertFalse(self._row(self.leads_user).is_concentrated)
        with self.assertRaises(ValidationError):
            self.company.concentration_min_customers = -1

    def test_silent_in_a_team_of_one(self):
        members = self.sales_team_1.crm_team_member_ids
        members.filtered(lambda member: member.user_id == self.salesman).active = False
        self.assertFalse(self._row(self.leads_user).is_concentrated)

    def test_counted_where_it_is_held(self):
        """A won customer counts for the current salesperson, not for the one who won it."""
        won = self.env['crm.lead'].search([
            ('user_id', '=', self.leads_user.id),
            ('stage_id', '=', self.stage_won.id),
        ])
        won[:5].write({'user_id': self.salesman.id})
        won[:5].write({'team_id': self.sales_team_1.id})
        self.assertEqual(self._row(self.leads_user).customer_share, 40)
        self.assertEqual(self._row(self.salesman).customer_share, 60)

    @users('user_sales_leads')
    def test_warning_on_the_team(self):
        team = self.sales_team_1.with_env(self.env)
        self.assertIn("90%", team.concentration_warning)
        self.assertIn("10", team.concentration_warning)
        self.assertIn(self.leads_user.name, team.concentration_warning)
        rows = self.report.with_env(self.env).search(team.action_open_concentration()['domain'])
        self.assertEqual(len(rows), 2)
        action = rows.filtered('is_concentrated').action_open_leads()
        self.assertEqual(self.env[action['res_model']].search_count(action['domain']), 9)

    @users('user_sales_salesman')
    def test_own_share_only(self):
        rows = self.env['crm.concentration.report'].search([])
        self.assertEqual(rows.mapped('customer_share'), [10])
