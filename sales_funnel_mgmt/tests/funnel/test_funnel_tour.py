"""Test the funnel view in the browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install')
class TestFunnelTour(HttpCase):
    def test_three_modes(self):
        """A salesperson opens the three modes from the pipeline and from Reporting."""
        self.env['res.lang']._activate_lang('en_US')
        seller = mail_new_test_user(
            self.env,
            login='tour_seller',
            name="Tour Seller",
            groups='sales_team.group_sale_salesman',
            lang='en_US',
        )
        stages = self.env['crm.stage'].create([
            {'name': "Tour negotiation", 'sequence': 0},
            {'name': "Tour won", 'sequence': 1000, 'is_won': True},
        ])
        leads = self.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': seller.id,
                'stage_id': stages[0].id,
                'expected_revenue': 1000,
            }
            for name in ("Tour open", "Tour won", "Tour lost")
        ])
        leads[1].stage_id = stages[1]
        leads[2].action_set_lost()
        self.start_tour('/odoo', 'sales_funnel_mgmt_funnel', login='tour_seller')
