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

    def test_shared_customers_count_once_in_the_whole(self):
        """One holds all ten customers, the other one shares nine of them."""
        customers = self._get_won().partner_id.sorted('id')
        self._share(customers[9:], self.leads_user)
        self._share(customers[:8], self.salesman)
        row, other = self._row(self.leads_user), self._row(self.salesman)
        self.assertEqual((row.customer_share, row.won_customer_count), (100, 10))
        self.assertTrue(row.is_concentrated)
        self.assertEqual(other.customer_share, 90)
        warning = self.sales_team_1.with_user(self.leads_user).concentration_warning
        self.assertIn("100% of the 10 won customers", warning)
        team = [('team_id', '=', self.sales_team_1.id)]
        measures = ['won_customer_count:sum', 'customer_hhi:avg']
        [total], by_user = self.report._read_grouping_sets(team, [[], ['user_id']], measures)
        self.assertEqual(total, (10, round(10_000 * (10**2 + 9**2) / 19**2)))
        self.assertEqual(
            {row[0]: row[1:] for row in by_user},
            {self.leads_user: (10, 10_000), self.salesman: (9, 10_000)},
        )

    def test_one_salesperson_in_two_teams(self):
        """Parts of one salesperson are added before they are squared; customers count once."""
        other_team = self.env['crm.team'].create({'name': "Other"})
        customers = self._get_won(self.leads_user).partner_id
        self._share(customers[:4], self.leads_user, team_id=other_team.id)
        measures = ['won_customer_count:sum', 'customer_hhi:avg', 'value_hhi:avg']
        [figures] = self.report._read_group([], [], measures)
        self.assertEqual(figures, (10, 90**2 + 10**2, round(10_000 * (1300**2 + 300**2) / 1600**2)))

    def test_value_below_zero(self):
        """A value below 0 counts as 0 in shares and indexes, and the report can be opened."""
        won = self._get_won()
        won.expected_revenue = 0
        self._get_won(self.salesman).expected_revenue = -999_000
        self._get_won(self.leads_user)[0].expected_revenue = 1_000_000
        row, other = self._row(self.leads_user), self._row(self.salesman)
        self.assertEqual((row.value_share, row.value_hhi), (100, 10_000))
        self.assertEqual((other.value_share, other.value_hhi, other.won_revenue), (0, 0, -999_000))
        for order in ('value_hhi:avg desc', 'won_customer_count:sum', 'customer_hhi:avg'):
            groups = self.report.formatted_read_group(
                [],
                ['team_id'],
                ['value_hhi:avg', 'won_revenue:sum'],
                having=[('value_hhi:avg', '>', 1)],
                order=order,
            )
            self.assertEqual(groups[0]['value_hhi:avg'], 10_000)
            self.assertEqual(groups[0]['won_revenue:sum'], 1000)
        won.expected_revenue = -1
        self.assertFalse(self.report._read_group([], [], ['value_hhi:avg'])[0][0])
        self.assertFalse(self._row(self.leads_user).value_share)

    def test_index_over_currencies(self):
        currency = self.env['res.currency'].create({'name': 'TQC', 'symbol': 'T'})
        self.env['res.currency.rate'].create({
            'currency_id': currency.id,
            'company_id': self.company.id,
            'name': '2020-01-01',
            'rate': 100,
        })
        second = self.env['res.company'].create({'name': "Second", 'currency_id': currency.id})
        self.salesman.company_ids += second
        self._get_won(self.salesman).write({
            'team_id': False,
            'company_id': second.id,
            'expected_revenue': 90_000,
        })
        report = self.report.with_context(allowed_company_ids=(self.company + second).ids)
        [(index,)] = report._read_group([], [], ['value_hhi:avg'])
        self.assertEqual(index, 5000, "900 in each currency's worth")

    def _get_won(self, users=None):
        return self.env['crm.lead'].search([
            ('user_id', 'in', (users or self.leads_user + self.salesman).ids),
            ('stage_id', '=', self.stage_won.id),
        ])

    def _share(self, customers, user, **values):
        for customer in customers:
            self._create_opportunity(**{
                'stage_id': self.stage_won.id,
                'partner_id': customer.id,
                'user_id': user.id,
                'team_id': self.sales_team_1.id,
                'expected_revenue': 100,
                **values,
            })
