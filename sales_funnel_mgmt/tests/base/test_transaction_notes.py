"""Test how long the notes of a transaction last, and the helpers for the private ORM API."""

from odoo.tests import TransactionCase, tagged

from ...models.base.orm import get_cached_values, get_changed_ids
from ...models.base.transaction_notes import (
    get_notes_until_end,
    get_notes_until_flush,
    take_notes,
)

NAME = 'sales_funnel_mgmt.test'


@tagged('post_install', '-at_install')
class TestTransactionNotes(TransactionCase):
    def setUp(self):
        super().setUp()
        self.env.cr.flush()
        self.seen = []

    def _see(self):
        self.seen.append(take_notes(self.env, NAME))

    def test_taken_once_when_the_cursor_is_flushed(self):
        for number in (1, 2):
            get_notes_until_flush(self.env, NAME, when_flushed=self._see).add(number)
        self.env.cr.flush()
        self.env.cr.flush()
        self.assertEqual(self.seen, [{1, 2}])
        self.assertIsNone(take_notes(self.env, NAME))

    def test_a_rollback_to_a_savepoint_forgets_what_is_not_flushed(self):
        get_notes_until_end(self.env, NAME).add('before')
        with self.env.cr.savepoint() as savepoint:
            get_notes_until_flush(self.env, NAME, when_flushed=self._see).add(1)
            get_notes_until_end(self.env, NAME).add('within')
            savepoint.rollback()
        self.assertEqual(self.seen, [])
        self.assertEqual(get_notes_until_flush(self.env, NAME, make=dict), {})
        self.assertEqual(get_notes_until_end(self.env, NAME), {'before', 'within'})

    def test_changed_until_written(self):
        partners = self.env['res.partner'].create([{'name': "One"}, {'name': "Two"}])
        self.env.flush_all()
        one, two = partners
        one.name = "Another"
        two.phone = "123"
        self.assertEqual(get_changed_ids(partners, ['name']), set(one.ids))
        self.assertEqual(get_changed_ids(one.browse(), ['name', 'phone']), set(partners.ids))
        self.env.flush_all()
        self.assertEqual(get_changed_ids(partners, ['name', 'phone']), set())

    def test_cached_values_are_those_at_hand(self):
        partner = self.env['res.partner'].create({'name': "One"})
        self.env.flush_all()
        partner.invalidate_recordset(['name'])
        with self.assertQueryCount(0):
            self.assertNotIn(partner.id, get_cached_values(partner, 'name'))
        partner.name = "Two"
        self.assertEqual(get_cached_values(partner, 'name')[partner.id], "Two")
