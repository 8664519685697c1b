"""Test the settings of PostgreSQL for single queries."""

from odoo.tests import TransactionCase, tagged

from ...models.base.query_settings import query_settings


@tagged('post_install', '-at_install')
class TestQuerySettings(TransactionCase):
    def _get(self, name):
        self.env.cr.execute("SELECT current_setting(%s)", [name])
        return self.env.cr.fetchone()[0]

    def test_former_settings_come_back(self):
        """The settings of the transaction are restored, not only those of the server."""
        self.env.cr.execute("SET LOCAL work_mem = '7MB'")
        jit = self._get('jit')
        with query_settings(self.env, jit='off', work_mem='9MB'):
            self.assertEqual(self._get('jit'), 'off')
            with query_settings(self.env, jit='on'):
                self.assertEqual(self._get('jit'), 'on')
            self.assertEqual(self._get('jit'), 'off')
            self.assertEqual(self._get('work_mem'), '9MB')
        self.assertEqual(self._get('jit'), jit)
        self.assertEqual(self._get('work_mem'), '7MB')

    def test_counting_stalled_opportunities_leaves_the_transaction_as_it_was(self):
        self.env.cr.execute("SET LOCAL jit = on")
        self.env['crm.lead']._count_stalled(self.env['crm.team'].search([]), ['team_id'])
        self.assertEqual(self._get('jit'), 'on')
