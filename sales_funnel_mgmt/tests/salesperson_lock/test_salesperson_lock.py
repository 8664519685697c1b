"""Test which changes of salesperson the lock allows and refuses."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.tests import Form, tagged, users

from ..common import TestSalespersonLockCommon


@tagged('post_install', '-at_install')
class TestSalespersonLock(TestSalespersonLockCommon):
    """Check the allowed and the refused changes."""

    def test_neither_changed_nor_emptied(self):
        for value in (self.other, self.other.id, False, None):
            self.assertRefused(
                self.locked, lambda value=value: self.locked.write({'user_id': value})
            )

    def test_first_assignment(self):
        nobodys = self._create_opportunity(stage_id=self.stage_late.id, user_id=False)
        nobodys.user_id = self.owner
        self.assertRefused(nobodys, lambda: nobodys.write({'user_id': self.other.id}))

    def test_the_same_salesperson_is_no_change(self):
        self.locked.write({'user_id': self.owner.id, 'name': "Renamed"})
        self.assertEqual(self.locked.name, "Renamed")

    def test_everything_else_may_change(self):
        self.locked.write({'expected_revenue': 1, 'team_id': False, 'company_id': False})
        self.locked.action_set_lost()
        self.locked.action_unarchive()
        self.locked.action_set_won()

    def test_old_stage_counts(self):
        self.assertRefused(
            self.locked,
            lambda: self.locked.write({'stage_id': self.stage_open.id, 'user_id': self.other.id}),
        )
        self.free.write({'stage_id': self.stage_late.id, 'user_id': self.other.id})
        self.assertEqual(self.free.user_id, self.other)
        self._begin_transaction()
        self.assertRefused(self.free, lambda: self.free.write({'user_id': self.owner.id}))

    def test_stage_at_the_beginning_of_the_transaction_counts(self):
        """The order of the steps changes nothing: several writes are judged as one is."""
        self.free.stage_id = self.stage_late
        self.free.user_id = self.other
        self.assertEqual(self.free.user_id, self.other)
        self.locked.stage_id = self.stage_open
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        self.env.flush_all()
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        self.locked._hand_over({'user_id': self.other.id})
        self.assertEqual(self.locked.user_id, self.other)

    def test_stage_counts_from_the_next_transaction_on(self):
        self._begin_transaction()
        self.locked.stage_id = self.stage_open
        self.free.stage_id = self.stage_late
        self._begin_transaction()
        self.locked.user_id = self.other
        self.assertEqual(self.locked.user_id, self.other)
        self.assertRefused(self.free, lambda: self.free.write({'user_id': self.other.id}))

    def test_what_was_rolled_back_to_a_savepoint_counts_no_less(self):
        with self.env.cr.savepoint() as savepoint:
            self.locked.stage_id = self.stage_open
            self.env.flush_all()
            savepoint.rollback()
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        with self.env.cr.savepoint() as savepoint:
            self.free.stage_id = self.stage_late
            self.env.flush_all()
            savepoint.rollback()
        self.free.user_id = self.other
        self.assertEqual(self.free.user_id, self.other)

    def test_stage_that_the_team_brings(self):
        """The lock of the former stage applies if a new salesperson brings another team and stage."""
        self.stage_late.team_ids = self.sales_team_1
        elsewhere = self.env['crm.team'].create({
            'name': "Elsewhere",
            'user_id': self.other.id,
        })
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        # Nor does the team open the lock before the salesperson changes, until it is stored for good.
        self.locked.team_id = elsewhere
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        self._begin_transaction()
        self.locked.user_id = self.other
        self.assertEqual(self.locked.user_id, self.other)

    def test_one_by_one_in_a_batch(self):
        nobodys = self._create_opportunity(stage_id=self.stage_late.id, user_id=False)
        (self.free + nobodys).write({'user_id': self.other.id})
        self.assertRefused(
            self.locked, lambda: (self.locked + self.free).write({'user_id': self.other.id})
        )

    def test_lost_and_archived_are_locked_as_well(self):
        self.locked.action_set_lost()
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))

    def test_leads_are_locked_as_well(self):
        """Leads are locked as well: converting to a lead and back would bypass the lock otherwise."""
        self.locked.type = 'lead'
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))

    def test_lock_of_the_stage_is_taken_away(self):
        self.stage_late.lock_salesperson = False
        self.locked.user_id = self.other
        self.stage_late.lock_salesperson = True
        self.env.flush_all()
        self.assertEqual(self.locked.user_id, self.other)

    def test_error_names_the_opportunities_and_the_way_out(self):
        leads = self.env['crm.lead'].create([
            {'name': f"Deal {number:02}", 'stage_id': self.stage_late.id, 'user_id': self.owner.id}
            for number in range(13)
        ])
        with self.assertRaises(UserError) as caught:
            leads.write({'user_id': self.other.id})
        message = str(caught.exception)
        for expected in (leads[0].name, self.stage_late.name, "3 more", "handover"):
            self.assertIn(expected, message)
        self.assertEqual(message.count("Deal"), 10)

    @users('user_sales_salesman')
    def test_error_names_nothing_to_who_may_not_change_it(self):
        theirs = self._create_opportunity(
            stage_id=self.stage_late.id, user_id=self.user_sales_leads.id
        )
        # Change the cache, as a computation in sudo mode does.
        theirs.mapped('user_id.name')
        with self.assertRaises(AccessError):
            theirs.with_env(self.env).write({'user_id': self.env.uid})

    def test_shown(self):
        lead = self.locked
        nobodys = self._create_opportunity(stage_id=self.stage_late.id, user_id=False)
        leads = lead + self.free + nobodys
        self.assertEqual(leads.mapped('is_salesperson_locked'), [True, False, False])
        domain = [('id', 'in', leads.ids)]
        Lead = self.env['crm.lead']
        self.assertEqual(Lead.search([*domain, ('is_salesperson_locked', '=', True)]), lead)
        self.assertEqual(
            Lead.search([*domain, ('is_salesperson_locked', '=', False)]), leads - lead
        )
        self.assertEqual(
            Lead.search([*domain, ('is_salesperson_locked', 'in', [True, False])]), leads
        )
        lead.stage_id = self.stage_open
        self.assertFalse(lead.is_salesperson_locked)

    @users('user_sales_manager')
    def test_form(self):
        """The form checks the stored salesperson, so that a new choice can be saved."""
        nobodys = self._create_opportunity(stage_id=self.stage_late.id, user_id=False)
        with Form(nobodys.with_env(self.env)) as form:
            form.user_id = self.owner
            self.assertFalse(form.is_salesperson_locked)
            form.user_id = self.other
        self.assertEqual(nobodys.user_id, self.other)
        with Form(self.locked.with_env(self.env)) as form:
            self.assertTrue(form.is_salesperson_locked)
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form.user_id = self.other

    def test_handover_is_the_way_through(self):
        leads = self.locked + self.free
        leads._hand_over({'user_id': self.other.id, 'team_id': self.sales_team_1.id})
        self.assertEqual(leads.user_id, self.other)
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.owner.id}))

    def test_handover_of_what_has_just_changed(self):
        nobodys = self._create_opportunity(stage_id=self.stage_late.id, user_id=False)
        self.env.flush_all()
        nobodys.user_id = self.owner
        nobodys._hand_over({'user_id': self.other.id})
        self.assertEqual(nobodys.user_id, self.other)

    def test_handover_leaves_nothing_open(self):
        """A handover opens the lock only for its own transfer, even after a failure."""
        with (
            self.assertRaises(ZeroDivisionError),
            patch.object(type(self.locked), '_track_prepare', lambda *args: 1 / 0),
        ):
            self.locked.with_context(tracking_disable=False)._hand_over({'user_id': self.other.id})
        self.env.invalidate_all(flush=False)
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))
        self.free._hand_over({'user_id': self.other.id})
        self.assertRefused(self.locked, lambda: self.locked.write({'user_id': self.other.id}))

    def test_code_that_runs_within_the_handover_is_locked_out(self):
        """The lock applies to code that runs during the transfer, such as an automation."""
        third = self.user_sales_manager
        write = type(self.env['mail.thread']).write
        locked = self.locked

        def write_again(leads, vals):
            result = write(leads, vals)
            if vals.get('user_id') == self.other.id:
                locked.user_id = third
            return result

        with (
            patch.object(type(self.env['mail.thread']), 'write', write_again),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            locked._hand_over({'user_id': self.other.id})
        self.assertEqual(locked.user_id, self.owner)

    def test_handover_cannot_be_called_from_outside(self):
        for name in ('_hand_over', '_get_checked_salespeople', '_check_salesperson_change'):
            with self.assertRaises(AccessError):
                get_public_method(self.env['crm.lead'], name)

    def test_what_another_module_computes(self):
        """The lock applies to a salesperson computed by another module, without a `write`."""
        field = self.locked._fields['user_id']
        for lead, value in ((self.locked, self.other), (self.locked, self.env['res.users'])):

            def compute(lead=lead, value=value):
                with self.env.protecting([field], lead):
                    lead.user_id = value
                self.env.flush_all()

            self.assertRefused(lead, compute)
        with self.env.protecting([field], self.free):
            self.free.user_id = self.other
        self.env.flush_all()
        self.assertEqual(self.free.user_id, self.other)

    def test_what_another_module_still_has_to_compute(self):
        """The lock checks the result of a pending computation, in any order of storing."""
        field = self.locked._fields['user_id']

        def compute_other(leads):
            leads.user_id = self.other

        def change(lead):
            self.env.add_to_compute(field, lead)
            lead.expected_revenue = 7
            lead.flush_recordset(['expected_revenue'])
            self.assertEqual(lead.user_id, self.other)

        with (
            patch.object(field, 'compute', compute_other),
            patch.dict(self.registry.field_computed, {field: [field]}),
        ):
            self.assertRefused(self.locked, lambda: change(self.locked))
            self.env.remove_to_compute(field, self.locked)
            change(self.free)

    def test_what_another_module_puts_among_the_values(self):
        write = type(self.env['mail.thread']).write

        def write_more(leads, vals):
            if 'referred' in vals:
                vals = {**vals, 'user_id': self.other.id}
            return write(leads, vals)

        def change():
            self.locked.referred = "A friend"
            self.env.flush_all()

        with patch.object(type(self.env['mail.thread']), 'write', write_more):
            self.assertRefused(self.locked, change)

    def test_users_with_locked_opportunities_are_not_deleted(self):
        user = self.other.copy()
        lead = self._create_opportunity(stage_id=self.stage_late.id, user_id=user.id, active=False)
        with self.assertRaisesRegex(UserError, "1"), self.env.cr.savepoint():
            user.unlink()
        lead.stage_id = self.stage_open
        user.unlink()
        self.assertFalse(lead.user_id)

    def test_queries_do_not_grow_with_the_batch(self):
        """The number of queries is the same for one and many opportunities, with a lock or without."""
        counts = []
        for has_lock in (True, False):
            self.stage_late.lock_salesperson = has_lock
            for size in (10, 200):
                leads = self.env['crm.lead'].create([
                    {
                        'name': "Many",
                        'type': 'opportunity',
                        'stage_id': self.stage_open.id,
                        'user_id': self.owner.id,
                        'team_id': self.sales_team_1.id,
                    }
                    for _number in range(size)
                ])
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                leads._check_salesperson_change({'user_id': self.other.id})
                counts.append(self.env.cr.sql_log_count - before)
                leads._get_checked_salespeople().clear()
                before = self.env.cr.sql_log_count
                leads._check_salesperson_lock(set(leads.ids))
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0:2], counts[2:4])
        self.assertEqual(counts[0:4], counts[4:8])
        self.assertEqual(counts[1], 1)

    def test_judged_by_write_costs_the_flush_nothing(self):
        self.free.user_id = self.other
        before = self.env.cr.sql_log_count
        self.free._check_salesperson_lock(set(self.free.ids))
        self.assertEqual(self.env.cr.sql_log_count, before)
        self.env.flush_all()
        notes = self.env['crm.lead']._get_checked_salespeople()
        self.assertFalse(notes, "Nothing is left once it is stored")

    def test_stage_policy_is_for_administrators(self):
        for login, allowed in (
            ('user_sales_salesman', False),
            ('user_sales_leads', False),
            ('user_sales_manager', True),
        ):
            user = self.env['res.users'].search([('login', '=', login)])
            stage = self.stage_late.with_user(user)
            if allowed:
                stage.lock_salesperson = False
            else:
                with self.assertRaises(AccessError):
                    stage.lock_salesperson = False
                with self.assertRaises(AccessError):
                    self.locked.with_user(user).write({
                        'tag_ids': [Command.create({'name': "Tag"})],
                        'stage_id': stage.copy({'lock_salesperson': False}).id,
                    })
