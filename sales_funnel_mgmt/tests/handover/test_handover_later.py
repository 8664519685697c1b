"""Test that each step of a handover checks again what the former steps relied on."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverLater(TestHandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_leaver_opportunity("Deal", stage_id=cls.stage_late.id)
        cls.other_lead = cls._create_leaver_opportunity("Other", stage_id=cls.stage_late.id)
        cls.leads = cls.lead + cls.other_lead

    def _create_manual(self, **values):
        handover = self._create_handover(
            self.leads, self.heir + self.other_heir, allocation_method='manual', **values
        )
        self._line(handover, self.lead).to_user_id = self.heir
        self._line(handover, self.other_lead).to_user_id = self.other_heir
        return handover

    def _losses(self):
        """Ways to lose the ability to receive opportunities."""
        return {
            'archived': lambda user: user.sudo().action_archive(),
            'without sales rights': lambda user: user.sudo().write({
                'group_ids': [Command.set(self.env.ref('base.group_user').ids)]
            }),
            'in another company': lambda user: user.sudo().write({
                'company_ids': [Command.set(self._elsewhere().ids)],
                'company_id': self._elsewhere().id,
            }),
        }

    def _elsewhere(self):
        Company = self.env['res.company']
        return Company.search([('name', '=', "Elsewhere")]) or Company.create({'name': "Elsewhere"})

    # === RECEIVERS === #

    def test_receiver_is_lost_before_the_start(self):
        for name, lose in self._losses().items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                handover = self._create_manual()
                lose(self.heir)
                handover.action_start()
                line = self._line(handover, self.lead)
                self.assertEqual(self.lead.user_id, self.leaver)
                self.assertEqual(self.other_lead.user_id, self.other_heir)
                self.assertIn(line.state, ('waiting', 'in_progress'))
                self.assertIn(self.heir.name, line.remark)
                self.assertIn("choose another receiver", line.remark)
                self.assertNotIn(self.heir, self._tasks(line).user_id)
                handover.sudo()._continue()
                self.assertEqual(self.lead.user_id, self.leaver, "Still waiting")
                line.to_user_id = self.other_heir
                handover.sudo()._continue()
                self.assertEqual(self.lead.user_id, self.other_heir)
                self.assertFalse(line.remark)
                savepoint.rollback()
                self.env.registry.clear_all_caches()

    def test_receiver_is_lost_before_the_tasks_are_done(self):
        for name, lose in self._losses().items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                handover = self._create_manual(transfer_mode='tasks_done')
                handover.action_start()
                line = self._line(handover, self.lead)
                lose(self.heir)
                tasks = self._tasks(line)
                tasks.with_user(self.user_sales_manager).user_id = self.user_sales_manager
                self._do(tasks)
                self.assertEqual(self.lead.user_id, self.leaver)
                self.assertEqual(line.state, 'in_progress')
                self.assertIn("choose another receiver", line.remark)
                with self.assertRaisesRegex(ValidationError, self.heir.name):
                    line.action_transfer()
                line.to_user_id = self.other_heir
                self.assertEqual(self.lead.user_id, self.other_heir)
                self.assertEqual((line.state, line.remark), ('done', False))
                savepoint.rollback()
                self.env.registry.clear_all_caches()

    def test_receiver_who_comes_back(self):
        handover = self._create_manual()
        self.heir.action_archive()
        handover.action_start()
        self.heir.action_unarchive()
        handover.sudo()._continue()
        self.assertEqual(self.lead.user_id, self.heir)

    def test_another_receiver_gets_the_tasks(self):
        handover = self._create_manual(transfer_mode='tasks_done')
        handover.action_start()
        line = self._line(handover, self.lead)
        task = self._tasks(line).filtered(lambda one: one.user_id == self.heir)
        line.to_user_id = self.other_heir
        self.assertEqual(task.user_id, self.other_heir)
        self.assertEqual(self.lead.handover_user_id, self.other_heir)
        with self.assertRaises(UserError):
            line.to_user_id = False

    # === UNDO === #

    def test_undo_needs_the_former_salesperson(self):
        def delete(user):
            user.sudo().unlink()

        for name, lose in {**self._losses(), 'deleted': delete}.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                handover = self._create_manual()
                handover.action_start()
                self.env.flush_all()
                lose(self.leaver)
                self.env.invalidate_all()
                for attempt in (handover.action_undo, handover.line_ids[0].action_undo):
                    with self.assertRaisesRegex(UserError, "Lea Leaver[^$]*new handover"):
                        attempt()
                self.assertEqual(self.leads.user_id, self.heir + self.other_heir)
                savepoint.rollback()
                self.env.registry.clear_all_caches()

    def test_undo_of_what_nobody_had(self):
        lead = self._create_opportunity(user_id=False)
        handover = self._create_handover(lead)
        handover.action_start()
        handover.action_undo()
        self.assertFalse(lead.user_id)

    # === TRANSFER NOW === #

    def test_transfer_now_skips_what_has_changed(self):
        handover = self._create_manual(transfer_mode='tasks_done')
        handover.action_start()
        self.lead.user_id = self.user_sales_leads
        self.other_lead.action_set_lost()
        handover.line_ids.action_transfer()
        self.assertEqual(self.lead.user_id, self.user_sales_leads)
        self.assertEqual(self.other_lead.user_id, self.leaver)
        self.assertEqual(handover.line_ids.mapped('state'), ['skipped', 'skipped'])
        self.assertIn("lost", self._line(handover, self.other_lead).remark)
        self.assertIn("changed", self._line(handover, self.lead).remark)
        self.assertEqual(handover.state, 'done')

    # === CANCELLED TASKS === #

    def test_cancelled_tasks_hold_the_transfer(self):
        handover = self._create_manual(transfer_mode='tasks_done')
        handover.action_start()
        line = self._line(handover, self.lead)
        tasks = self._tasks(line)
        for task in tasks:
            task.with_user(task.user_id).unlink()
        self.env.invalidate_all()
        self.assertEqual((self.lead.user_id, line.state), (self.leaver, 'in_progress'))
        self.assertIn("Brief", line.remark)
        self.assertIn("See them", line.cancelled_tasks)
        self.assertLess(handover.progress, 100)
        handover.sudo()._continue()
        self.assertEqual(line.state, 'in_progress')
        with self.assertRaises(UserError):
            line.with_user(self.heir).cancelled_task_reason = "I do not like it"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            line.cancelled_task_reason = "  "
        line.cancelled_task_reason = "The customer knows them"
        self.assertEqual((self.lead.user_id, line.state), (self.heir, 'done'))

    def test_cancelled_tasks_hold_the_end(self):
        handover = self._create_manual()
        handover.action_start()
        line = self._line(handover, self.lead)
        self._tasks(line)[0].unlink()
        self._do(self._tasks(handover.line_ids))
        self.assertEqual((line.state, handover.state), ('in_progress', 'in_progress'))
        line.cancelled_task_reason = "They met"
        self.assertEqual((line.state, handover.state), ('done', 'done'))

    def test_tasks_that_are_not_mandatory_hold_nothing(self):
        self.lead.stage_id = self.stage_open
        handover = self._create_handover(self.lead)
        handover.action_start()
        self._tasks(handover.line_ids).filtered(lambda t: not t.is_handover_mandatory).unlink()
        self._do(self._tasks(handover.line_ids))
        self.assertEqual(handover.state, 'done')

    def test_tasks_of_a_deleted_opportunity_are_not_cancelled(self):
        handover = self._create_manual()
        handover.action_start()
        line = self._line(handover, self.lead)
        self.assertTrue(self._tasks(line))
        self.lead.unlink()
        self.assertEqual((line.state, line.cancelled_tasks), ('skipped', False))
        self._do(self._tasks(handover.line_ids))
        self.assertEqual(handover.state, 'done')

    # === MERGED AWAY === #

    def test_merged_away_with_a_blocking_finding(self):
        check = self.env['crm.pipeline.check'].create({
            'name': "Blocks",
            'severity': 'blocking',
            'domain': "[('name', '=', 'Other')]",
        })
        for audit_again in (True, False):
            with self.subTest(audit_again), self.env.cr.savepoint() as savepoint:
                handover = self._create_manual()
                self.assertEqual(handover.finding_ids.check_id, check)
                self.other_lead.unlink()
                if audit_again:
                    handover.action_audit()
                    self.assertFalse(handover.blocking_finding_count)
                handover.action_start()
                self.assertEqual(self.lead.user_id, self.heir)
                savepoint.rollback()
                self.env.registry.clear_all_caches()

    # === A RECORD OF WHAT HAPPENED === #

    def test_started_and_cancelled_stays(self):
        handover = self._create_manual()
        other = self._create_handover(self._create_leaver_opportunity("Third"))
        handover.action_start()
        line = self._line(handover, self.lead)
        for state in ('in_progress', 'cancelled'):
            if state == 'cancelled':
                handover.action_cancel()
            attempts = {
                'delete': handover.unlink,
                'delete line': line.unlink,
                'delete receiver': handover.receiver_ids[:1].unlink,
                'company': lambda: handover.write({'company_id': self._elsewhere().id}),
                'outgoing': lambda: handover.write({'from_user_id': self.user_sales_leads.id}),
                'reason': lambda: handover.write({'reason': 'other'}),
                'mode': lambda: handover.write({'transfer_mode': 'tasks_done'}),
                'override reason': lambda: line.write({'override_reason': "Because"}),
                'receiver': lambda: line.write({'to_user_id': self.user_sales_leads.id}),
                'handover of line': lambda: line.write({'handover_id': other.id}),
                'line into it': lambda: other.line_ids.write({'handover_id': handover.id}),
                'opportunity': lambda: line.write({'lead_id': self.other_lead.id}),
                'receivers': lambda: handover.write({
                    'receiver_ids': [Command.create({'user_id': self.user_sales_leads.id})]
                }),
            }
            for name, attempt in attempts.items():
                with (
                    self.subTest(attempt=name, state=state),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    attempt()
                    self.env.flush_all()

    def test_blank_reasons_are_refused(self):
        self.stage_late.lock_salesperson = True
        handover = self._create_manual()
        line = self._line(handover, self.lead)
        for blank in (" ", "\t\n", "\u3000"):
            with self.subTest(blank=blank), self.assertRaises(ValidationError):
                line.override_reason = blank
        with self.assertRaises(ValidationError):
            handover.write({
                'line_ids': [Command.update(line.id, {'override_reason': "  "})],
            })
