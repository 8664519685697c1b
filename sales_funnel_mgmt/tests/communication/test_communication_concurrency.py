"""Test communications in concurrent transactions."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationConcurrency(BaseCase):
    """Two concurrent transactions about one opportunity neither wait for each other nor conflict."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.partner_id = env['res.partner'].create({'name': "Talkative"}).id
            lead = env['crm.lead'].create({
                'name': "Talked to",
                'type': 'opportunity',
                'user_id': SUPERUSER_ID,
                'partner_id': self.partner_id,
            })
            # else both make them followers
            lead.message_subscribe(
                (env.ref('base.user_admin').partner_id + env.user.partner_id).ids
            )
            self.lead_id = lead.id
        self.addCleanup(self._forget)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})

    def _forget(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            env['crm.lead'].browse(self.lead_id).unlink()
            env['res.partner'].browse(self.partner_id).unlink()
            cr.execute("DELETE FROM crm_stage_history WHERE lead_ref = %s", [self.lead_id])

    def _communicate(self, cr):
        """Receive a message from the customer, and mark an activity as done."""
        env = self._env(cr)
        lead = env['crm.lead'].browse(self.lead_id)
        lead.message_post(
            body="Hello",
            message_type='email',
            subtype_xmlid='mail.mt_comment',
            author_id=self.partner_id,
        )
        lead.activity_schedule(
            'mail.mail_activity_data_email', user_id=env.ref('base.user_admin').id
        ).with_user(env.ref('base.user_admin')).sudo().action_done()

    def test_two_at_once(self):
        with closing(self.registry.cursor()) as one, closing(self.registry.cursor()) as two:
            for cr in (one, two):
                cr.execute("SELECT FROM crm_lead WHERE id = %s", [self.lead_id])
                # that one waits for the other would be a failure, not a standstill
                cr.execute("SET LOCAL lock_timeout = '5s'")
            self._communicate(one)
            self._communicate(two)
            one.flush()
            two.flush()
            two.commit()
            one.commit()
        with self.registry.cursor() as cr:
            rows = self._env(cr)['crm.communication.report'].search([
                ('lead_id', '=', self.lead_id)
            ])
            self.assertEqual(
                sorted((row.kind, row.direction) for row in rows),
                [('email', 'in'), ('email', 'in'), ('email', 'out'), ('email', 'out')],
            )
