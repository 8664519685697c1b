"""Test the grid of the quotas of a year."""

from odoo.exceptions import UserError
from odoo.tests import tagged, users

from .common import TestSalesQuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestSalesQuotaGrid(TestSalesQuotaCommon):
    """Read the grid, and write its cells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.sales_team_1

    def _get_team(self, day=False, team=None):
        grid = self.env['crm.sales.quota'].get_grid(day)
        [found] = [row for row in grid['teams'] if row['id'] == (team or self.team).id]
        return grid, found

    @users('user_sales_manager')
    def test_grid(self):
        quota = self._create_quota(100, state='confirmed')
        self._create_quota(70, month='2025-12-01')
        own = self._create_quota(500, user=self.env['res.users'], team_id=self.team.id)
        grid, team = self._get_team()
        self.assertEqual((grid['year'], grid['date_from']), ('2026', '2026-01-01'))
        self.assertTrue(grid['can_edit'])
        self.assertEqual(grid['months'][6], {'date': '2026-07-01', 'label': "Jul"})
        self.assertEqual(team['cells'][6], {'id': own.id, 'amount': 500, 'state': 'draft'})
        members = {member['user_id']: member for member in team['members']}
        self.assertEqual(
            members[self.seller.id]['cells'],
            [False] * 6 + [{'id': quota.id, 'amount': 100, 'state': 'confirmed'}] + [False] * 5,
        )
        self.assertEqual(
            members[self.user_sales_manager.id]['cells']
            if self.user_sales_manager.id in members
            else [False] * 12,
            [False] * 12,
        )
        before, team = self._get_team('2025-02-03')
        self.assertEqual(before['year'], '2025')
        members = {member['user_id']: member for member in team['members']}
        self.assertEqual(members[self.seller.id]['cells'][11]['amount'], 70)

    def test_row_of_a_salesperson_in_two_teams(self):
        """One quota a month for both: the row in the other team says where it is."""
        self.env['ir.config_parameter'].set_param('sales_team.membership_multi', True)
        other = self.env['crm.team'].create({'name': "Other", 'company_id': self.company.id})
        self.env['crm.team.member'].create({'user_id': self.seller.id, 'crm_team_id': other.id})
        self._create_quota(100, team_id=self.team.id)
        for team, other_team in ((self.team, False), (other, self.team.name)):
            _grid, row = self._get_team(team=team)
            members = {member['user_id']: member for member in row['members']}
            self.assertEqual(members[self.seller.id]['other_team'], other_team)
        with self.assertRaisesRegex(UserError, self.team.name):
            self.env['crm.sales.quota'].set_grid_amount(other.id, self.seller.id, '2026-07-01', 50)

    @users('user_sales_leads')
    def test_read_only_for_others(self):
        grid, _team = self._get_team()
        self.assertFalse(grid['can_edit'])

    @users('user_sales_salesman')
    def test_salesperson_gets_their_own(self):
        self._create_quota(100)
        self._create_quota(500, user=self.env['res.users'], team_id=self.team.id)
        own = self._create_quota(7, user=self.other_seller)
        grid = self.env['crm.sales.quota'].get_grid()
        self.assertEqual(
            {member['user_id'] for team in grid['teams'] for member in team['members']},
            {self.other_seller.id},
        )
        cells = [
            cell
            for team in grid['teams']
            for row in (team, *team['members'])
            for cell in row['cells']
            if cell
        ]
        self.assertEqual(cells, [{'id': own.id, 'amount': 7, 'state': 'draft'}])

    @users('user_sales_manager')
    def test_cells(self):
        Quota = self.env['crm.sales.quota']
        cell = Quota.set_grid_amount(self.team.id, self.seller.id, '2026-03-01', 12.5)
        quota = Quota.browse(cell['id'])
        self.assertRecordValues(
            quota,
            [
                {
                    'user_id': self.seller.id,
                    'team_id': self.team.id,
                    'amount': 12.5,
                    'state': 'draft',
                    'company_id': self.company.id,
                }
            ],
        )
        self.assertEqual(
            Quota.set_grid_amount(self.team.id, self.seller.id, '2026-03-01', 0)['id'], quota.id
        )
        self.assertEqual(quota.amount, 0)
        self.assertIs(
            Quota.set_grid_amount(self.team.id, self.seller.id, '2026-03-01', False), False
        )
        self.assertFalse(quota.exists())
        self.assertIs(
            Quota.set_grid_amount(self.team.id, self.seller.id, '2026-03-01', False), False
        )
        own = Quota.browse(Quota.set_grid_amount(self.team.id, False, '2026-03-01', 40)['id'])
        self.assertFalse(own.user_id)
        own.action_confirm()
        with self.assertRaisesRegex(UserError, "frozen"):
            Quota.set_grid_amount(self.team.id, False, '2026-03-01', 41)
        with self.assertRaisesRegex(UserError, "kept"):
            Quota.set_grid_amount(self.team.id, False, '2026-03-01', False)

    @users('user_sales_manager')
    def test_salesperson_of_two_teams(self):
        """A salesperson of two teams has a row in each, but one quota a month."""
        other = (
            self.env['crm.team'].sudo().create({'name': "Second", 'company_id': self.company.id})
        )
        Quota = self.env['crm.sales.quota']
        Quota.set_grid_amount(other.id, self.seller.id, '2026-03-01', 10)
        _grid, row = self._get_team(team=other)
        self.assertEqual([member['user_id'] for member in row['members']], self.seller.ids)
        with self.assertRaisesRegex(UserError, "for all their sales teams"):
            Quota.set_grid_amount(self.team.id, self.seller.id, '2026-03-01', 11)

    @users('user_sales_manager')
    def test_number_of_queries_does_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['crm.sales.quota'].get_grid()
            return self.env.cr.sql_log_count - before

        self._create_quota(5)
        count()
        few = count()
        people = (
            self
            .env['res.users']
            .sudo()
            .create([
                {'name': f"Seller {number}", 'login': f"grid_seller_{number}"}
                for number in range(10)
            ])
        )
        for person in people:
            for month in self.months:
                self._create_quota(5, user=person, month=month, team_id=self.team.id)
        # New users clear Odoo's caches.
        count()
        self.assertEqual(count(), few)
