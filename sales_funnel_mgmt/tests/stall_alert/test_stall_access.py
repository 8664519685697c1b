"""Test the access to stall alerts."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from .common import TestStallCommon


@tagged('post_install', '-at_install')
class TestStallAccess(TestStallCommon):
    """Check that alerts are as accessible as their opportunities, and read-only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._without_silence()
        cls.elsewhere = cls.env['res.company'].create({'name': "Elsewhere"})

    def setUp(self):
        super().setUp()
        with self._at(0):
            self.mine = self._create_opportunity(user_id=self.user_sales_salesman.id)
            self.nobodys = self._create_opportunity(user_id=False)
            self.others = self._create_opportunity()
        self._run(11)
        self.leads = self.mine + self.nobodys + self.others

    def _read(self):
        return self.Alert.with_env(self.env).search([('lead_id', 'in', self.leads.ids)]).lead_id

    @users('user_sales_salesman')
    def test_salesperson_reads_their_own(self):
        self.assertEqual(self._read(), self.mine + self.nobodys)

    @users('user_sales_leads', 'user_sales_manager')
    def test_all_documents_reads_all(self):
        self.assertEqual(self._read(), self.leads)

    @users('user_sales_salesman')
    def test_companies_stay_apart(self):
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", [self.elsewhere.id, self.mine.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self._read(), self.nobodys)

    @users('user_sales_salesman', 'user_sales_manager', 'admin')
    def test_nobody_writes(self):
        Alert = self.Alert.with_env(self.env)
        alert = Alert.sudo().search([('lead_id', '=', self.mine.id)]).with_env(self.env)
        for attempt in (
            lambda: alert.write({'state': 'closed'}),
            alert.unlink,
            lambda: Alert.create({'lead_id': self.mine.id, 'clock': 'age'}),
            lambda: Alert.with_context(install_mode=True).create({'lead_id': self.mine.id}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    @users('user_sales_salesman')
    def test_search_finds_what_one_may_see(self):
        with self._at(11):
            found = self.env['crm.lead'].search([('is_stalled', '=', True)])
            self.assertEqual(found & self.leads, self.mine + self.nobodys)

    @users('user_sales_salesman')
    def test_salesperson_closes_with_a_move(self):
        """A stage change by the salesperson also closes the activity of the manager."""
        self._run(20)
        self.assertEqual(len(self._activities(self.mine)), 2)
        with self._at(21):
            self.mine.with_env(self.env).stage_id = self.stage_late
        self.assertFalse(self._activities(self.mine))

    def test_dashboard_counts(self):
        member = self.sales_team_1.crm_team_member_ids.filtered(
            lambda member: member.user_id == self.user_sales_leads
        )
        with self._at(11):
            for user, count in (
                (self.user_sales_leads, 3),
                (self.user_sales_salesman, 2),
            ):
                team = self.sales_team_1.with_user(user)
                self.assertEqual(team.stalled_count, count)
                action = team.action_open_stalled_opportunities()
                found = self.env['crm.lead'].with_user(user).search(action['domain'])
                self.assertEqual(len(found.filtered('is_stalled')), count)
            self.assertEqual(member.stalled_count, 1)
            action = member.action_open_stalled_opportunities()
            self.assertEqual(
                self.env['crm.lead'].search(action['domain']).filtered('is_stalled'), self.others
            )

    def test_type_of_the_activities_is_kept(self):
        for attempt in (
            self.stalled_type.unlink,
            lambda: self.stalled_type.write({'res_model': 'res.partner'}),
        ):
            with self.assertRaises(UserError):
                attempt()
