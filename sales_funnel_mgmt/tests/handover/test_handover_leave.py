"""Test that customers come back to a salesperson who was on leave."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverLeave(TestHandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('user_id', '=', cls.leaver.id)]).user_id = False
        cls.env['crm.lead'].search([('user_id', '=', cls.leaver.id)]).user_id = False
        cls.today = fields.Date.today()
        Partner = cls.env['res.partner']
        cls.acme, cls.quiet = Partner.create([
            {'name': name, 'user_id': cls.leaver.id} for name in ("Acme", "Quiet")
        ])
        cls.kept, cls.sold, cls.lost, cls.moved = cls.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': cls.leaver.id,
                'partner_id': cls.acme.id,
                'team_id': cls.sales_team_1.id,
                'stage_id': cls.stage_open.id,
            }
            for name in ("Kept", "Sold", "Lost", "Moved")
        ])
        cls.member = cls.env['crm.team.member'].search([('user_id', '=', cls.leaver.id)])
        wizard = (
            cls
            .env['crm.handover.create']
            .with_user(cls.user_sales_manager)
            .create({
                'from_user_id': cls.leaver.id,
                'receiver_ids': [Command.set(cls.heir.ids)],
                'allocation_method': 'single',
                'reason': 'leave',
                'return_date': cls.today + timedelta(days=30),
            })
        )
        cls.leave = wizard.env['crm.handover'].browse(wizard.action_create()['res_id'])

    def _run_cron(self, days):
        """Run the scheduled action as many days from today."""
        self.env.flush_all()
        moment = fields.Datetime.now().replace(hour=12) + timedelta(days=days)
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref('sales_funnel_mgmt.ir_cron_continue_handovers').method_direct_trigger()

    def _close_meanwhile(self):
        self.sold.action_set_won()
        self.lost.action_set_lost()
        self.moved.user_id = self.other_heir

    def test_draft_a_week_before_the_return(self):
        self.leave.action_start()
        self.assertTrue(self.member.assignment_optout)
        self._close_meanwhile()
        self._run_cron(22)
        self.assertFalse(self.leave.return_ids, "Too early")
        self._run_cron(23)
        draft = self.leave.return_ids
        self.assertEqual((draft.state, draft.reason), ('draft', 'return'))
        self.assertEqual(draft.line_ids.lead_id, self.kept)
        self.assertEqual(set(draft.document_ids.mapped('name')), {"Acme", "Quiet"})
        self.assertEqual(draft.from_user_id, self.heir)
        self.assertEqual(draft.customer_ids.to_user_id, self.leaver)
        self.assertEqual(draft.line_ids.to_user_id, self.leaver)
        activity = draft.activity_ids
        self.assertEqual(activity.user_id, self.leave.user_id)
        self.assertEqual(activity.date_deadline, self.leave.return_date)
        self._run_cron(24)
        self.assertEqual(self.leave.return_ids, draft, "Once")

    def test_return(self):
        self.leave.action_start()
        self._close_meanwhile()
        action = self.leave.action_bring_back()
        draft = self.leave.return_ids
        self.assertEqual(action['res_id'], draft.id)
        self.assertEqual(self.leave.action_bring_back()['res_id'], draft.id, "The same draft")
        draft.with_user(self.user_sales_manager).action_start()
        self.assertEqual(self.kept.user_id, self.leaver)
        self.assertEqual((self.acme + self.quiet).user_id, self.leaver)
        self.assertEqual(self.sold.user_id, self.heir, "Who has won it keeps it")
        self.assertEqual(self.lost.user_id, self.heir)
        self.assertEqual(self.moved.user_id, self.other_heir)
        self.assertFalse(self.member.assignment_optout, "Leads are assigned again")
        with self.assertRaisesRegex(UserError, "Nothing"):
            self.leave.action_bring_back()

    def test_draft_follows_what_happens(self):
        self.leave.action_start()
        self._run_cron(23)
        draft = self.leave.return_ids
        self.assertEqual(len(draft.line_ids), 4)
        self._close_meanwhile()
        self.quiet.user_id = self.other_heir
        self._run_cron(30)
        self.assertEqual(draft.line_ids.lead_id, self.kept)
        self.assertEqual(draft.document_ids.mapped('name'), ["Acme"])
        self.assertEqual(draft.customer_ids.customer_id, self.acme)

    def test_salesperson_on_leave_reads_what_will_return(self):
        self.leave.action_start()
        tasks = self._tasks(self.kept + self.sold)
        tasks.with_user(self.user_sales_manager).action_done()
        self.env.invalidate_all()
        self.assertEqual(self.kept.with_user(self.leaver).name, "Kept")
        with self.assertRaises(AccessError):
            self.kept.with_user(self.leaver).name = "Mine"
        self.sold.action_set_won()
        self._run_cron(1)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.sold.with_user(self.leaver).read(['name'])
        self.leave.action_bring_back()
        self.leave.return_ids.with_user(self.user_sales_manager).action_start()
        self.assertFalse(self.kept.handover_user_id)

    def test_nothing_returns_from_a_cancelled_leave(self):
        self.leave.action_start()
        self.assertEqual(self.kept.handover_user_id, self.leaver)
        self.leave.action_cancel()
        self.assertFalse(self.kept.handover_user_id, "It is not theirs to read any more")
        with self.assertRaisesRegex(UserError, "not a leave"):
            self.leave.action_bring_back()
        self._run_cron(25)
        self.assertFalse(self.leave.return_ids)
        self.assertFalse(self.kept.handover_user_id)

    def test_several_deputies(self):
        self.leave.customer_ids.filtered(
            lambda one: one.customer_id == self.quiet
        ).to_user_id = self.other_heir
        self.leave.action_start()
        self.leave.action_bring_back()
        draft = self.leave.return_ids
        self.assertFalse(draft.from_user_id)
        self.assertEqual(draft.customer_ids.to_user_id, self.leaver)
        draft.with_user(self.user_sales_manager).action_start()
        self.assertEqual((self.acme + self.quiet).user_id, self.leaver)

    def test_salesperson_who_does_not_come_back(self):
        self.leave.action_start()
        self.leaver.with_user(self.env.ref('base.user_admin')).action_archive()
        self._run_cron(25)
        draft = self.leave.return_ids
        self.assertFalse(draft.customer_ids.to_user_id, "The responsible user decides")
        self.assertFalse(draft.receiver_ids)

    def test_what_is_no_leave_does_not_return(self):
        with self.assertRaisesRegex(UserError, "not a leave"):
            self.leave.action_bring_back()
        with self.assertRaises(AccessError):
            self.leave.with_user(self.heir).action_bring_back()
        self.leave.reason = 'departure'
        self.leave.action_start()
        with self.assertRaisesRegex(UserError, "not a leave"):
            self.leave.action_bring_back()
        self._run_cron(40)
        self.assertFalse(self.leave.return_ids)

    def test_return_date_is_after_the_start(self):
        with self.assertRaisesRegex(ValidationError, "after"):
            self.leave.return_date = self.leave.planned_date
        self.leave.action_start()
        self.leave.return_date = self.today + timedelta(days=40)
        self._run_cron(23)
        self.assertFalse(self.leave.return_ids, "The leave was prolonged")
