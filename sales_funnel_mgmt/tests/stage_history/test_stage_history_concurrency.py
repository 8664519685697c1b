"""Test stays in concurrent transactions."""

from contextlib import closing

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged('post_install', '-at_install')
class TestStageHistoryConcurrency(BaseCase):
    """Run two concurrent transactions on one opportunity."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.stages = (
                env['crm.stage'].search([('is_won', '=', False)], limit=2)
                + env['crm.stage'].search([('is_won', '=', True)], limit=1)
            ).ids
            self.lead_id = (
                env['crm.lead']
                .create({
                    'name': "Fought over",
                    'type': 'opportunity',
                    'user_id': SUPERUSER_ID,
                    'stage_id': self.stages[0],
                    'probability': 30,
                })
                .id
            )
        self.addCleanup(self._forget)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})

    def _forget(self):
        with self.registry.cursor() as cr:
            self._env(cr)['crm.lead'].browse(self.lead_id).unlink()
            cr.execute("DELETE FROM crm_stage_history WHERE lead_ref = %s", [self.lead_id])

    def _write(self, cr, **values):
        env = self._env(cr)
        env['crm.lead'].browse(self.lead_id).write(values)
        env.flush_all()

    def _stays(self):
        with self.registry.cursor() as cr:
            stays = self._env(cr)['crm.stage.history'].search(
                [('lead_ref', '=', self.lead_id)], order='id'
            )
            return [
                (stay.stage_id.id, stay.user_id.id, stay.entry_kind, stay.exit_kind)
                for stay in stays
            ]

    def _at_the_same_time(self, first, second):
        """PostgreSQL refuses the second of two overlapping transactions, and Odoo's retry succeeds."""
        with closing(self.registry.cursor()) as one, closing(self.registry.cursor()) as two:
            for cr in (one, two):
                cr.execute("SELECT FROM crm_lead WHERE id = %s", [self.lead_id])
            self._write(one, **first)
            one.commit()
            with mute_logger('odoo.sql_db'), self.assertRaises(SerializationFailure):
                self._write(two, **second)
            two.rollback()
            self._write(two, **second)
            two.commit()

    def test_stage_and_salesperson(self):
        self._at_the_same_time({'stage_id': self.stages[1]}, {'user_id': False})
        start, later, _won = self.stages
        self.assertEqual(
            self._stays(),
            [
                (start, SUPERUSER_ID, 'created', 'advanced'),
                (later, SUPERUSER_ID, 'advanced', 'handed_over'),
                (later, False, 'handed_over', False),
            ],
        )

    def test_won_by_both(self):
        won = self.stages[2]
        self._at_the_same_time({'stage_id': won}, {'stage_id': won})
        self.assertEqual(
            self._stays(),
            [
                (self.stages[0], SUPERUSER_ID, 'created', 'advanced'),
                (won, SUPERUSER_ID, 'advanced', False),
            ],
        )

    def test_archived_and_moved(self):
        self._at_the_same_time({'active': False}, {'stage_id': self.stages[1]})
        self.assertEqual(self._stays(), [(self.stages[0], SUPERUSER_ID, 'created', 'archived')])
