"""Test the life of a handover, from the draft to the undo."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandover(TestHandoverCommon):
    """Hand opportunities over, and take them back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_leaver_opportunity("Ship")
        cls.other_lead = cls._create_leaver_opportunity("Boat")
        cls.leads = cls.lead + cls.other_lead

    # === THE DOCUMENT === #

    def test_draft_changes_nothing(self):
        handover = self._create_handover(self.leads, reason='departure')
        self.assertRecordValues(
            handover,
            [
                {
                    'state': 'draft',
                    'from_user_id': self.leaver.id,
                    'line_count': 2,
                    'expected_revenue': 10_000_000,
                    'progress': 0,
                }
            ],
        )
        self.assertRegex(handover.name, r'^HO/\d{4}/\d{4}')
        self.assertEqual(self.leads.user_id, self.leaver)
        self.assertFalse(self.leads.handover_user_id)

    def test_of_several_salespeople(self):
        mine = self._create_opportunity(user_id=self.other_heir.id)
        handover = self._create_handover(self.lead + mine)
        self.assertFalse(handover.from_user_id)
        handover.action_start()
        self.assertEqual((self.lead + mine).user_id, self.heir)
        self.assertEqual(
            handover.line_ids.from_user_id, self.leaver + self.other_heir, "Each from its own"
        )

    def test_leads_are_left_out(self):
        lead = self._create_leaver_opportunity("Lead", type='lead')
        handover = self._create_handover(self.lead + lead)
        self.assertEqual(handover.line_ids.lead_id, self.lead)
        with self.assertRaises(ValidationError):
            handover.line_ids = [Command.create({'lead_id': lead.id})]

    def test_nothing_to_hand_over(self):
        self.assertFalse(self._create_handover(self.env['crm.lead']))
        handover = self._create_handover(self.leads, self.env['res.users'])
        with self.assertRaisesRegex(UserError, "nothing to hand over"):
            handover.action_start()
        empty = self.env['crm.handover'].with_user(self.user_sales_manager).create({})
        with self.assertRaisesRegex(UserError, "nothing to hand over"):
            empty.action_start()

    def test_dialog(self):
        won = self._create_leaver_opportunity("Won", stage_id=self.stage_won.id)
        lost = self._create_leaver_opportunity("Lost", active=False, probability=0)
        Wizard = self.env['crm.handover.create'].with_user(self.user_sales_manager)
        receivers = {'receiver_ids': [Command.set(self.heir.ids)]}
        wizard = Wizard.create({'from_user_id': self.leaver.id, **receivers})
        self.assertEqual(wizard.lead_count, 3)
        action = wizard.action_create()
        handover = self.env['crm.handover'].browse(action['res_id'])
        self.assertEqual(handover.line_ids.lead_id, self.leads + won)
        self.assertEqual(handover.line_ids.to_user_id, self.heir)
        wizard = Wizard.create({'from_user_id': self.leaver.id, 'include_won': False})
        self.assertEqual(wizard.lead_count, 2)
        wizard = Wizard.with_context(default_lead_ids=self.lead.ids).create({})
        handover = self.env['crm.handover'].browse(wizard.action_create()['res_id'])
        self.assertEqual(handover.line_ids.lead_id, self.lead)
        self.assertNotIn(lost, handover.line_ids.lead_id)

    def test_dialog_with_an_empty_selection(self):
        Wizard = self.env['crm.handover.create'].with_user(self.user_sales_manager)
        for values in ({}, {'from_user_id': self.heir.id}):
            with self.assertRaisesRegex(UserError, "nothing to hand over"):
                Wizard.create(values).action_create()

    def test_add_the_pipeline(self):
        """A handover created in the menu gets the opportunities of the outgoing salesperson once."""
        won = self._create_leaver_opportunity("Won", stage_id=self.stage_won.id)
        self._create_leaver_opportunity("Lost", active=False, probability=0)
        self._create_opportunity(user_id=False)
        handover = self._create_handover(self.lead, self.env['res.users'])
        handover.action_add_pipeline()
        handover.action_add_pipeline()
        self.assertEqual(handover.line_ids.lead_id, self.leads + won)
        handover.from_user_id = False
        handover.action_add_pipeline()
        self.assertEqual(handover.line_count, 3)

    def test_customer_in_two_companies(self):
        """A customer in two companies has a handover in each, which are independent."""
        elsewhere = self.env['res.company'].create({'name': "Elsewhere"})
        self.user_sales_manager.company_ids += elsewhere
        self.leaver.company_ids += elsewhere
        here, there = (
            self._create_leaver_opportunity(
                company.name,
                company_id=company.id,
                partner_id=self.customer.id,
                team_id=False,
            )
            for company in (self.env.company, elsewhere)
        )
        allowed = (self.env.company + elsewhere).ids
        leads = (here + there + self.lead).with_context(allowed_company_ids=allowed)
        handovers = self._create_handover(leads, self.env['res.users'])
        self.assertEqual(handovers.company_id, self.env.company + elsewhere)
        by_company = {handover.company_id: handover for handover in handovers}
        self.assertEqual(by_company[elsewhere].line_ids.lead_id, there)
        self.assertEqual(by_company[self.env.company].line_ids.lead_id, here + self.lead)
        with self.assertRaisesRegex(ValidationError, "no access to the company Elsewhere"):
            by_company[elsewhere].receiver_ids = [Command.create({'user_id': self.heir.id})]
        with self.assertRaisesRegex(ValidationError, "belongs to Elsewhere"):
            by_company[self.env.company].line_ids = [Command.create({'lead_id': there.id})]

    def test_started_ones_are_not_deleted(self):
        handover = self._create_handover(self.leads)
        handover.copy().unlink()
        handover.action_start()
        with self.assertRaises(UserError):
            handover.unlink()
        with self.assertRaises(UserError):
            handover.line_ids[0].unlink()

    # === THE TRANSFER === #

    def test_transfer_at_the_start(self):
        handover = self._create_handover(self.leads, self.heir + self.other_heir)
        handover.action_start()
        self.assertEqual(handover.state, 'in_progress')
        for lead in self.leads:
            line = self._line(handover, lead)
            self.assertEqual(lead.user_id, line.to_user_id)
            self.assertEqual(lead.team_id, self.sales_team_1)
            self.assertEqual(lead.stage_id, self.stage_open)
            self.assertEqual(line.transferred_by_id, self.user_sales_manager)
        self.assertEqual(set(self.leads.user_id), {self.heir, self.other_heir})
        self.env.flush_all()
        stays = self.lead.stage_history_ids.sorted('id')
        self.assertEqual(stays.mapped('user_id'), self.leaver + self.lead.user_id)
        self.assertEqual(stays[0].exit_kind, 'handed_over')

    def test_change_is_noted_in_the_chatter(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        for lead in self.leads:
            message = lead.message_ids.filtered(lambda one: handover.name in (one.body or ""))
            self.assertEqual(len(message), 1)
            tracking = message.sudo().tracking_value_ids
            self.assertEqual(tracking.field_id.name, 'user_id')
            self.assertEqual(tracking.old_value_char, "Lea Leaver")
            self.assertEqual(tracking.new_value_char, "Henry Heir")
            self.assertEqual(message.author_id, self.user_sales_manager.partner_id)

    def test_each_receiver_is_told_once(self):
        handover = self._create_handover(
            self.leads + self._create_leaver_opportunity("Raft <b>"),
            self.heir + self.other_heir,
            allocation_method='round_robin',
        )
        before = self.env['mail.notification'].search([])
        handover.action_start()
        self.env.flush_all()
        notifications = self.env['mail.notification'].search([]) - before
        partners = (self.heir + self.other_heir).partner_id
        self.assertEqual(sorted(notifications.res_partner_id.ids), sorted(partners.ids))
        self.assertEqual(len(notifications), 2)
        to_heir = notifications.filtered(
            lambda one: one.res_partner_id == self.heir.partner_id
        ).mail_message_id
        self.assertIn("2 opportunities are handed over to you", to_heir.subject)
        for lead in handover.line_ids.filtered(lambda one: one.to_user_id == self.heir).lead_id:
            self.assertIn(lead.name.replace("<b>", "&lt;b&gt;"), to_heir.body)

    def test_followers(self):
        self.leads.message_subscribe(self.leaver.partner_id.ids)
        self._create_handover(self.leads).action_start()
        for lead in self.leads:
            self.assertNotIn(self.leaver.partner_id, lead.message_partner_ids)
            self.assertIn(self.heir.partner_id, lead.message_partner_ids)

    def test_receiver_of_another_team(self):
        """The opportunity goes to a team of the receiver that has its stage."""
        team = self.env['crm.team'].create({'name': "Other team", 'use_opportunities': True})
        membership = self.env['crm.team.member'].search([('user_id', '=', self.heir.id)])
        membership.unlink()
        self.env['crm.team.member'].create({'user_id': self.heir.id, 'crm_team_id': team.id})
        self.stage_late.team_ids = self.sales_team_1
        self.other_lead.stage_id = self.stage_late
        self._create_handover(self.leads).action_start()
        self.assertEqual(self.leads.user_id, self.heir)
        self.assertEqual(self.lead.team_id, team)
        self.assertEqual(self.other_lead.team_id, self.sales_team_1)
        self.assertEqual(self.other_lead.stage_id, self.stage_late, "No stage is changed")

    def test_receiver_without_a_team(self):
        self.env['crm.team.member'].search([('user_id', '=', self.heir.id)]).unlink()
        self._create_handover(self.lead).action_start()
        self.assertEqual((self.lead.user_id, self.lead.team_id), (self.heir, self.sales_team_1))

    def test_activities_and_meetings_move_along(self):
        mine = self.lead.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.leaver.id, summary="Mine"
        )
        others = self.lead.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.other_heir.id, summary="Not mine"
        )
        now = fields.Datetime.now()
        future, past = self.env['calendar.event'].create([
            {
                'name': name,
                'start': start,
                'stop': start + timedelta(hours=1),
                'user_id': self.leaver.id,
                'opportunity_id': self.lead.id,
                'partner_ids': [Command.set((self.leaver.partner_id + self.contact_2).ids)],
            }
            for name, start in (
                ("Future", now + timedelta(days=2)),
                ("Past", now - timedelta(days=2)),
            )
        ])
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.assertEqual(mine.user_id, self.heir)
        self.assertEqual(others.user_id, self.other_heir)
        self.assertEqual(future.user_id, self.heir)
        self.assertEqual(future.partner_ids, self.heir.partner_id + self.contact_2)
        self.assertEqual(past.user_id, self.leaver)
        self._line(handover, self.lead).action_undo()
        self.assertEqual(mine.user_id, self.leaver)
        self.assertEqual(future.user_id, self.leaver)
        self.assertEqual(future.partner_ids, self.leaver.partner_id + self.contact_2)
        self.assertEqual(others.user_id, self.other_heir)

    def test_leaver_gets_no_more_leads(self):
        membership = self.env['crm.team.member'].search([('user_id', '=', self.leaver.id)])
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.assertTrue(membership.assignment_optout)
        handover.action_cancel()
        self.assertFalse(membership.assignment_optout)

    def test_who_had_paused_before_stays_so(self):
        membership = self.env['crm.team.member'].search([('user_id', '=', self.leaver.id)])
        membership.assignment_optout = True
        handover = self._create_handover(self.leads)
        handover.action_start()
        handover.action_cancel()
        self.assertTrue(membership.assignment_optout)

    def test_rebalancing_pauses_nobody(self):
        membership = self.env['crm.team.member'].search([('user_id', '=', self.leaver.id)])
        self._create_handover(self.leads, reason='rebalancing').action_start()
        self.assertFalse(membership.assignment_optout)

    def test_unallocated_ones_stay(self):
        handover = self._create_handover(self.leads)
        line = self._line(handover, self.lead)
        line.to_user_id = False
        handover.action_start()
        self.assertEqual(self.lead.user_id, self.leaver)
        self.assertEqual(line.state, 'skipped')
        self.assertIn("No receiver", line.remark)
        self.assertEqual(self.other_lead.user_id, self.heir)

    # === LOCKED STAGES === #

    def test_locked_stage_needs_a_reason_in_each_line(self):
        self.stage_open.lock_salesperson = True
        handover = self._create_handover(self.leads)
        self.assertEqual(handover.locked_count, 2)
        with self.assertRaisesRegex(UserError, "salesperson lock"):
            handover.action_start()
        self._line(handover, self.lead).override_reason = "Leaves the company"
        with self.assertRaisesRegex(UserError, "Boat"):
            handover.action_start()
        self._line(handover, self.other_lead).override_reason = "Leaves too"
        self.assertEqual(self.leads.user_id, self.leaver, "Nothing was transferred")
        handover.action_start()
        self.assertEqual(self.leads.user_id, self.heir)
        self.assertIn("Leaves the company", str(self.lead.message_ids.mapped('body')))
        self.assertNotIn("Leaves too", str(self.lead.message_ids.mapped('body')))
        self.assertFalse(handover.locked_count)

    def test_undo_in_a_locked_stage(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.stage_open.lock_salesperson = True
        handover.action_undo()
        self.assertEqual(self.leads.user_id, self.leaver)

    # === SOMETHING ELSE HAPPENED === #

    def test_moved_since_the_draft(self):
        handover = self._create_handover(self.leads)
        self.lead.user_id = self.other_heir
        with self.assertRaisesRegex(UserError, "changed hands"):
            handover.action_start()
        self.assertEqual(self.other_lead.user_id, self.leaver)
        handover.action_audit()
        self.assertEqual(self._line(handover, self.lead).from_user_id, self.other_heir)
        handover.action_start()
        self.assertEqual(self.leads.user_id, self.heir)

    def test_in_another_handover(self):
        first, second = (
            self._create_handover(self.leads, user) for user in (self.heir, self.other_heir)
        )
        first.action_start()
        with self.assertRaisesRegex(UserError, first.name):
            second.action_start()
        self.assertEqual(self.leads.user_id, self.heir)
        self.assertEqual(second.state, 'draft')

    def test_deleted_before_the_start(self):
        handover = self._create_handover(self.leads)
        line = self._line(handover, self.lead)
        self.lead.unlink()
        handover.action_start()
        self.assertEqual((line.state, line.display_name), ('skipped', "Ship"))
        self.assertEqual(self.other_lead.user_id, self.heir)

    def test_deleted_during_the_handover(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.lead.unlink()
        self.assertEqual(handover.line_ids.filtered(lambda one: not one.lead_id).state, 'skipped')
        self.assertEqual(handover.state, 'in_progress')
        self.other_lead.unlink()
        self.assertEqual(handover.state, 'done')
        self.assertEqual(set(handover.line_ids.mapped('lead_name')), {"Ship", "Boat"})

    def test_merged_during_the_handover(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.leads.merge_opportunity()
        self.assertEqual(sorted(handover.line_ids.mapped('state')), ['in_progress', 'skipped'])

    def test_won_during_the_handover(self):
        """An opportunity won during the handover stays in it."""
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.lead.action_set_won()
        self._do(self._tasks(self.lead))
        self.assertEqual(self.lead.user_id, self.heir)
        self.assertEqual(self._line(handover, self.lead).state, 'done')
        win = self.lead.stage_history_ids.filtered('is_win')
        self.assertEqual(win.user_id, self.leaver, "The credit stays")

    def test_lost_during_the_handover(self):
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.lead.action_set_lost()
        self._do(self._tasks(self.lead).filtered('is_handover_mandatory'))
        line = self._line(handover.with_context(active_test=False), self.lead)
        self.assertEqual(line.state, 'skipped')
        self.assertEqual(self.lead.user_id, self.leaver)

    # === THE WAY BACK === #

    def test_undo(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.assertTrue(handover.can_undo)
        handover.action_undo()
        self.assertEqual(self.leads.user_id, self.leaver)
        self.assertEqual(self.leads.team_id, self.sales_team_1)
        self.assertEqual(set(handover.line_ids.mapped('state')), {'undone'})
        self.assertEqual(handover.state, 'cancelled')
        self.assertFalse(self._tasks(self.leads))
        self.assertFalse(self.leads.handover_user_id)
        self.assertFalse(
            self.env['crm.team.member'].search([('user_id', '=', self.leaver.id)]).assignment_optout
        )

    def test_undo_one_line(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self._line(handover, self.lead).action_undo()
        self.assertEqual(self.lead.user_id, self.leaver)
        self.assertEqual(self.other_lead.user_id, self.heir)
        self.assertEqual(handover.state, 'in_progress')

    def test_undo_after_24_hours(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        handover.sudo().line_ids.transferred_at = fields.Datetime.now() - timedelta(hours=25)
        self.assertFalse(handover.can_undo)
        with self.assertRaisesRegex(UserError, "last 24 hours"):
            handover.action_undo()
        with self.assertRaisesRegex(UserError, "last 24 hours"):
            handover.line_ids.action_undo()

    def test_undo_what_something_else_has_moved(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        handover.sudo().line_ids.transferred_at = fields.Datetime.now() - timedelta(seconds=2)
        for values in ({'user_id': self.other_heir.id}, {'stage_id': self.stage_late.id}):
            with self.subTest(values=values):
                self.lead.write(values)
                with self.assertRaisesRegex(UserError, "Ship"):
                    handover.action_undo()
                self.assertEqual(self.other_lead.user_id, self.heir, "Nothing is half undone")

    def test_cancel_leaves_what_was_transferred(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        handover.action_cancel()
        self.assertEqual(self.leads.user_id, self.heir)
        self.assertFalse(self._tasks(self.leads))
        self.assertEqual(handover.state, 'cancelled')
        with self.assertRaises(UserError):
            handover.action_draft()

    def test_cancelled_draft_is_prepared_again(self):
        handover = self._create_handover(self.leads)
        handover.action_cancel()
        handover.action_draft()
        handover.action_start()
        self.assertEqual(self.leads.user_id, self.heir)

    # === THE SIZE === #

    def _create_many(self, number):
        """Create opportunities of the leaver with an activity each."""
        leads = self.env['crm.lead'].create([
            {
                'name': f"Many {index}",
                'type': 'opportunity',
                'user_id': self.leaver.id,
                'team_id': self.sales_team_1.id,
                'stage_id': self.stage_late.id,
            }
            for index in range(number)
        ])
        leads.activity_schedule('mail.mail_activity_data_call', user_id=self.leaver.id)
        return leads

    def test_queries_do_not_grow_with_the_batch(self):
        """The number of queries is the same for 10 and for 80 opportunities."""

        def measure(number):
            leads = self._create_many(number)
            self.env.flush_all()
            self.env.invalidate_all()
            self.checks.active = True
            before = self.env.cr.sql_log_count
            handover = self._create_handover(leads, self.heir + self.other_heir)
            created = self.env.cr.sql_log_count
            handover.finding_ids.filtered(lambda f: f.severity == 'blocking').write({
                'is_waived': True,
                'waive_reason': "Test",
            })
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            handover.action_start()
            self.env.flush_all()
            self.assertEqual(len(self._tasks(leads)), 2 * number)
            return created - before, self.env.cr.sql_log_count - start

        measure(10)
        small, large = measure(10), measure(45)
        self.assertLessEqual(large[0] - small[0], 8)
        self.assertLessEqual(large[1] - small[1], 8)

    def test_queries_of_a_start(self):
        """The number of queries of a start does not rise above the last measured one."""

        def draft():
            leads = self._create_many(50)
            handover = self._create_handover(leads, self.heir + self.other_heir)
            self.env.flush_all()
            self.env.invalidate_all()
            return handover

        draft().action_start()
        handover = draft()
        with self.assertQueryCount(164):
            handover.action_start()
            self.env.flush_all()
