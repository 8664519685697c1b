"""Test quota rates and the salesperson lock in the browser."""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install', 'quota_rate')
class TestTours(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = cls.env['crm.stage'].create({
            'name': "Tour negotiation",
            'sequence': 0,
            'quota_rate': 20,
        })
        # The tours look for English texts.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env.ref('base.user_admin').lang = 'en_US'
        cls.salesperson = mail_new_test_user(
            cls.env,
            login='tour_salesperson',
            groups='sales_team.group_sale_salesman',
            lang='en_US',
        )
        cls.env['crm.lead'].create({
            'name': "Tour opportunity",
            'type': 'opportunity',
            'user_id': cls.env.ref('base.user_admin').id,
            'stage_id': cls.stage.id,
            'expected_revenue': 5_000_000,
        })

    def test_administrator_sets_rates(self):
        """The totals and explanations follow an own rate and a rate of the stage."""
        self.start_tour('/odoo', 'sales_funnel_mgmt_quota_rates', login='admin')
        lead = self.env['crm.lead'].search([('name', '=', "Tour opportunity")])
        self.assertEqual((lead.quota_rate, lead.quota_rate_origin), (35, 'opportunity'))
        self.assertEqual(self.stage.quota_rate, 30)

    def test_salesperson_sees_and_changes_nothing(self):
        self.env['crm.lead'].search([('name', '=', "Tour opportunity")]).user_id = self.salesperson
        self.start_tour(
            '/odoo',
            'sales_funnel_mgmt_salesperson',
            login='tour_salesperson',
        )


@tagged('post_install', '-at_install')
class TestSalespersonLockTour(HttpCase):
    def test_salesperson_lock(self):
        """The lock shows on the card, refuses a drag, and makes the field read-only."""
        self.env['res.lang']._activate_lang('en_US')
        admin = self.env.ref('base.user_admin')
        admin.lang = 'en_US'
        receiver = mail_new_test_user(
            self.env,
            login='tour_receiver',
            name="Tour receiver",
            groups='sales_team.group_sale_salesman',
        )
        open_stage, locked_stage = self.env['crm.stage'].create([
            {'name': "Tour open", 'sequence': 0},
            {'name': "Tour quotation", 'sequence': 0, 'lock_salesperson': True},
        ])
        leads = self.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': user.id,
                'stage_id': stage.id,
            }
            for name, user, stage in (
                ("Tour locked", admin, locked_stage),
                ("Tour free", admin, open_stage),
                ("Tour theirs", receiver, open_stage),
            )
        ])
        with mute_logger('odoo.http'):
            self.start_tour('/odoo', 'sales_funnel_mgmt_salesperson_lock', login='admin')
        self.assertEqual(leads[0].user_id, admin)
