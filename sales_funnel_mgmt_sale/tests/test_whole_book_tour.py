"""Test a departure and a leave in the browser, with a quotation and a shared customer."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install', 'handover')
class TestWholeBookTour(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tours look for English texts.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env.ref('base.user_admin').lang = 'en_US'
        cls.env['crm.pipeline.check'].search([]).active = False
        cls.env['crm.stage'].search([]).handover_plan_id = False
        cls.leaver, cls.heir, cls.other_heir = (
            mail_new_test_user(
                cls.env,
                login=login,
                name=name,
                groups='sales_team.group_sale_salesman',
                lang='en_US',
            )
            for login, name in (
                ('tour_leaver', "Tour Leaver"),
                ('tour_heir_one', "Tour Heir One"),
                ('tour_heir_two', "Tour Heir Two"),
            )
        )
        Partner = cls.env['res.partner']
        cls.acme, cls.quiet, cls.shared = Partner.create([
            {'name': name, 'user_id': cls.leaver.id}
            for name in ("Tour Acme", "Tour Quiet", "Tour Shared")
        ])
        cls.lead, cls.shared_lead, cls.other_lead = cls.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'partner_id': partner.id,
                'user_id': user.id,
            }
            for name, partner, user in (
                ("Tour machine", cls.acme, cls.leaver),
                ("Tour part", cls.shared, cls.leaver),
                ("Tour other part", cls.shared, cls.other_heir),
            )
        ])
        cls.quotation = cls.env['sale.order'].create({
            'partner_id': cls.acme.id,
            'user_id': cls.leaver.id,
        })

    def test_departure(self):
        self.start_tour(
            f'/odoo/action-base.action_res_users/{self.leaver.id}',
            'sales_funnel_mgmt_whole_book',
            login='admin',
        )
        self.assertEqual((self.acme + self.shared).user_id, self.heir)
        self.assertEqual(self.quiet.user_id, self.other_heir)
        self.assertEqual(self.quotation.user_id, self.heir)
        self.assertEqual((self.lead + self.shared_lead).user_id, self.heir)
        self.assertEqual(self.other_lead.user_id, self.other_heir)

    def test_leave_that_returns(self):
        wizard = self.env['crm.handover.create'].create({
            'from_user_id': self.leaver.id,
            'receiver_ids': [Command.set(self.heir.ids)],
            'allocation_method': 'single',
            'reason': 'leave',
        })
        leave = self.env['crm.handover'].browse(wizard.action_create()['res_id'])
        leave.action_start()
        self.assertEqual(self.quotation.user_id, self.heir)
        self.start_tour(
            f'/odoo/handovers/{leave.id}', 'sales_funnel_mgmt_leave_returns', login='admin'
        )
        self.assertEqual((self.acme + self.quiet + self.shared).user_id, self.leaver)
        self.assertEqual(self.lead.user_id + self.quotation.user_id, self.leaver)
