"""Test the salesperson lock in concurrent transactions."""

from psycopg2.errors import SerializationFailure

from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestSalespersonLockConcurrency(BaseCase):
    """Run two concurrent transactions, and delete their records afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
            stages = env['crm.stage'].create([
                {'name': "Open"},
                {'name': "Locked", 'lock_salesperson': True},
            ])
            users = env.ref('base.user_admin') + env.ref('base.user_root')
            lead = env['crm.lead'].create({
                'name': "Contested",
                'type': 'opportunity',
                'stage_id': stages[0].id,
                'user_id': users[0].id,
            })
            self.lead_id, self.stage_ids, self.user_ids = lead.id, stages.ids, users.ids
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
            env['crm.lead'].browse(self.lead_id).unlink()
            env['crm.stage.history'].search([('lead_ref', '=', self.lead_id)]).unlink()
            env['crm.stage'].browse(self.stage_ids).unlink()

    def _lead(self, cr):
        env = Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
        return env['crm.lead'].browse(self.lead_id)

    def test_moved_into_the_lock_while_the_salesperson_changes(self):
        """Odoo retries after a serialization failure, and then the lock refuses the change."""
        with self.registry.cursor() as mover_cr, self.registry.cursor() as giver_cr:
            giver = self._lead(giver_cr)
            self.assertFalse(giver.is_salesperson_locked)
            self._lead(mover_cr).stage_id = self.stage_ids[1]
            mover_cr.commit()
            with self.assertRaises(SerializationFailure), mute_logger('odoo.sql_db'):
                giver.user_id = self.user_ids[1]
                giver.env.flush_all()
            giver_cr.rollback()
            with self.assertRaises(UserError):
                self._lead(giver_cr).user_id = self.user_ids[1]
            giver_cr.rollback()

    def test_salesperson_changes_while_it_is_moved_into_the_lock(self):
        with self.registry.cursor() as mover_cr, self.registry.cursor() as giver_cr:
            mover = self._lead(mover_cr)
            self.assertEqual(mover.stage_id.id, self.stage_ids[0])
            self._lead(giver_cr).user_id = self.user_ids[1]
            giver_cr.commit()
            with self.assertRaises(SerializationFailure), mute_logger('odoo.sql_db'):
                mover.stage_id = self.stage_ids[1]
                mover.env.flush_all()
            mover_cr.rollback()
            mover = self._lead(mover_cr)
            mover.stage_id = self.stage_ids[1]
            mover_cr.commit()
            self.assertEqual(mover.user_id.id, self.user_ids[1])
