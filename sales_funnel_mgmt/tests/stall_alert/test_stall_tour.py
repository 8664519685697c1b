"""Test the snoozing of an alert in the browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install')
class TestStallTour(HttpCase):
    def test_salesperson_snoozes(self):
        """A salesperson follows the link of the digest and snoozes an alert with a reason."""
        self.env['res.lang']._activate_lang('en_US')
        salesperson = mail_new_test_user(
            self.env,
            login='tour_salesperson',
            groups='sales_team.group_sale_salesman',
            lang='en_US',
        )
        lead, fresh = self.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': salesperson.id,
                'stage_id': self.env['crm.stage'].search([('is_won', '=', False)], limit=1).id,
            }
            for name in ("Tour stalled", "Tour fresh")
        ])
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE crm_stage_history
               SET started_at = started_at - interval '100 days',
                   stage_entered_at = stage_entered_at - interval '100 days'
             WHERE lead_id = %s
            """,
            [lead.id],
        )
        self.env.invalidate_all()
        self.start_tour(
            f'/odoo/{salesperson.id}/stalled-of-salesperson',
            'sales_funnel_mgmt_stalled',
            login='tour_salesperson',
        )
        alerts = self.env['crm.stall.alert'].search([('lead_id', 'in', (lead + fresh).ids)])
        self.assertEqual(alerts.lead_id, lead)
        self.assertEqual(set(alerts.mapped('state')), {'snoozed'})
        self.assertEqual(set(alerts.mapped('snooze_reason')), {"Budget in May"})
