"""Test a handover in the browser."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install', 'handover')
class TestHandoverTour(HttpCase):
    """Run a handover in the browser, from the departing user to the printed sheet.

    OPPORTUNITY-------STAGE-----------WAVE----TASK
    Tour quoted       locked           1      See them (by the receiver)
    Tour negotiated   negotiation      2      Call them; cannot be reached, which blocks the start
    Tour prospect     negotiation      2      Call them
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tours look for English texts.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env.ref('base.user_admin').lang = 'en_US'
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
        kind = cls.env.ref('sales_funnel_mgmt.mail_activity_type_visit')
        quoted, negotiated = (
            cls.env['crm.stage'].create({
                'name': name,
                'sequence': 0,
                'lock_salesperson': is_locked,
                'handover_wave': wave,
                'handover_plan_id': cls
                .env['mail.activity.plan']
                .create({
                    'name': task,
                    'res_model': 'crm.lead',
                    'company_id': False,
                    'template_ids': [
                        Command.create({
                            'activity_type_id': kind.id,
                            'summary': task,
                            'responsible_type': 'handover_incoming',
                        })
                    ],
                })
                .id,
            })
            for name, is_locked, wave, task in (
                ("Tour quotation", True, 1, "See them"),
                ("Tour negotiation", False, 2, "Call them"),
            )
        )
        cls.quoted, cls.negotiated, cls.prospect = cls.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': cls.leaver.id,
                'stage_id': stage.id,
                'expected_revenue': 1000,
                'email_from': email,
            }
            for name, stage, email in (
                ("Tour quoted", quoted, 'quoted@example.com'),
                ("Tour negotiated", negotiated, False),
                ("Tour prospect", negotiated, 'prospect@example.com'),
            )
        ])

    def test_from_the_user_form_to_the_sheet(self):
        # The browser shows the refused start once.
        with mute_logger('odoo.http'):
            self.start_tour(
                f'/odoo/action-base.action_res_users/{self.leaver.id}',
                'sales_funnel_mgmt_handover',
                login='admin',
            )
        handover = self.env['crm.handover'].search([('from_user_id', '=', self.leaver.id)])
        leads = self.quoted + self.negotiated + self.prospect
        self.assertEqual(leads.user_id, self.heir + self.other_heir)
        self.assertEqual(handover.finding_ids.filtered('is_waived').lead_id, self.negotiated)
        self.assertIn("Leaves the company", str(self.quoted.message_ids.mapped('body')))
        receiver = self.quoted.user_id
        self.start_tour(
            f'/odoo/crm.lead/{self.quoted.id}',
            'sales_funnel_mgmt_handover_receiver',
            login=receiver.login,
        )
        self.start_tour(
            f'/odoo/handovers/{handover.id}',
            'sales_funnel_mgmt_handover_progress',
            login='admin',
        )
        self.authenticate('admin', 'admin')
        sheet = self.url_open(f'/report/html/sales_funnel_mgmt.report_crm_handover/{handover.id}')
        self.assertEqual(sheet.status_code, 200)
        for text in ("Handover Sheet", "Tour quoted", "They come to the shop", "Tour Heir Two"):
            self.assertIn(text, sheet.text)
