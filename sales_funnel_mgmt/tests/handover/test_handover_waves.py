"""Test the tasks and waves of a handover."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import Form, tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverWaves(TestHandoverCommon):
    """Plan tasks by stage, in waves, and measure their progress."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quoted = cls._create_leaver_opportunity("Quoted", stage_id=cls.stage_late.id)
        cls.negotiated = cls._create_leaver_opportunity("Negotiated")
        cls.won = cls._create_leaver_opportunity("Won", stage_id=cls.stage_won.id)
        cls.leads = cls.quoted + cls.negotiated + cls.won

    def _states(self, handover):
        return [self._line(handover, lead).state for lead in self.leads]

    def test_wave_by_wave(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        self.assertEqual(self._states(handover), ['in_progress', 'waiting', 'done'])
        tasks = self._tasks(self.leads)
        self.assertRecordValues(
            tasks.sorted('summary'),
            [
                {
                    'summary': "Brief",
                    'user_id': self.leaver.id,
                    'res_id': self.quoted.id,
                    'is_handover_mandatory': True,
                    'date_deadline': fields.Date.today() + timedelta(days=3),
                },
                {
                    'summary': "See them",
                    'user_id': self.heir.id,
                    'res_id': self.quoted.id,
                    'is_handover_mandatory': True,
                    'date_deadline': fields.Date.today() + timedelta(days=3),
                },
            ],
        )
        self._do(tasks[0])
        self.assertEqual(self._states(handover), ['in_progress', 'waiting', 'done'])
        self._do(tasks[1])
        self.assertEqual(self._states(handover), ['done', 'in_progress', 'done'])
        second = self._tasks(self.negotiated)
        self.assertEqual(second.mapped('summary'), ["Call them", "Write"])
        self.assertEqual(handover.state, 'in_progress')
        self._do(second[0])
        self.assertEqual(self._states(handover), ['done', 'done', 'done'])
        self.assertEqual(handover.state, 'done', "The letter is not mandatory")
        self.assertTrue(second[1].exists())

    def test_progress(self):
        """The progress counts the tasks of later waves from the start, so that it never decreases."""
        handover = self._create_handover(self.leads, self.heir)
        handover.action_start()
        self.assertEqual((handover.task_count, handover.task_done_count), (4, 0))
        self.assertEqual(handover.progress, 0, "Transfers are no tasks")
        seen = [handover.progress]
        for _step in range(3):
            self._do(self._tasks(self.leads)[0])
            seen.append(handover.progress)
        self.assertEqual([round(share) for share in seen], [0, 25, 50, 100])
        receiver = handover.receiver_ids
        self.assertEqual((receiver.task_count, receiver.task_done_count), (4, 3))

    def test_transfer_when_the_tasks_are_done(self):
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.assertEqual(self.quoted.user_id, self.leaver)
        self.assertEqual(self.won.user_id, self.heir, "Its stage has no tasks")
        self._do(self._tasks(self.quoted))
        self.assertEqual(self.quoted.user_id, self.heir)
        self.assertEqual(self.negotiated.user_id, self.leaver)
        self._do(self._tasks(self.negotiated))
        self.assertEqual(self.leads.user_id, self.heir)
        self.assertEqual(handover.state, 'done')

    def test_transfer_held_up_by_a_lock(self):
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.stage_late.lock_salesperson = True
        self._do(self._tasks(self.quoted))
        line = self._line(handover, self.quoted)
        self.assertEqual((line.state, self.quoted.user_id), ('in_progress', self.leaver))
        self.assertIn("salesperson lock", line.remark)
        self.assertEqual(handover.locked_count, 1)
        line.override_reason = "The customer knows"
        line.action_transfer()
        self.assertEqual((line.state, self.quoted.user_id), ('done', self.heir))
        self.assertFalse(line.remark)
        self.assertIn("The customer knows", str(self.quoted.message_ids.mapped('body')))

    def test_transfer_of_what_someone_else_has_moved(self):
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.quoted.user_id = self.other_heir
        self._do(self._tasks(self.quoted))
        line = self._line(handover, self.quoted)
        self.assertEqual((line.state, self.quoted.user_id), ('skipped', self.other_heir))

    def test_transfer_now(self):
        """An administrator transfers opportunities before their tasks are done."""
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self._line(handover, self.quoted).action_transfer()
        self.assertEqual(self.quoted.user_id, self.heir)
        self.assertEqual(self._line(handover, self.quoted).state, 'in_progress')

    def test_task_called_off(self):
        handover = self._create_handover(self.quoted)
        handover.action_start()
        first, second = self._tasks(self.quoted)
        first.unlink()
        self.assertEqual(handover.state, 'in_progress')
        second.with_user(self.heir).unlink()
        self.assertEqual(handover.state, 'in_progress', "Nobody has said why it may be so")
        handover.line_ids.cancelled_task_reason = "The customer has moved away"
        self.assertEqual(handover.state, 'done')

    def test_stage_without_plan(self):
        self.stage_late.handover_plan_id = False
        handover = self._create_handover(self.quoted)
        handover.action_start()
        self.assertEqual((self.quoted.user_id, handover.state), (self.heir, 'done'))
        self.assertEqual(handover.progress, 100)

    def test_customer_who_was_won_several_times(self):
        """A customer is visited once, for the last won opportunity, and all are transferred."""
        self.stage_won.handover_plan_id = self.plan_visit
        leads = self.env['crm.lead'].browse()
        for number in range(3):
            leads += self._create_leaver_opportunity(
                f"Won {number}", stage_id=self.stage_won.id, partner_id=self.customer.id
            )
            leads[number].date_closed = fields.Datetime.now() - timedelta(days=number)
        handover = self._create_handover(leads + self.won)
        handover.action_start()
        self.assertEqual(leads.user_id, self.heir)
        self.assertEqual(
            set(self._tasks(leads + self.won).mapped('res_id')), set((leads[0] + self.won).ids)
        )
        self.assertEqual(handover.task_count, 4)

    def test_archived_plan(self):
        self.plan_visit.active = False
        handover = self._create_handover(self.quoted)
        handover.action_start()
        self.assertFalse(self._tasks(self.quoted))
        self.assertEqual(handover.state, 'done')

    def test_plan_of_another_company(self):
        self.plan_visit.company_id = self.env['res.company'].create({'name': "Elsewhere"})
        handover = self._create_handover(self.quoted)
        handover.action_start()
        self.assertFalse(self._tasks(self.quoted))

    def test_who_does_what(self):
        specialist = self.other_heir
        people = {
            'handover_incoming': self.heir,
            'handover_outgoing': self.leaver,
            'handover_team_leader': self.user_sales_manager,
            'handover_manager': self.user_sales_leads,
            'other': specialist,
        }
        plan = self.plan_visit
        plan.template_ids.unlink()
        for kind, user in people.items():
            self.env['mail.activity.plan.template'].create({
                'plan_id': plan.id,
                'activity_type_id': self.kind_visit.id,
                'summary': kind,
                'responsible_type': kind,
                'responsible_id': user.id if kind == 'other' else False,
            })
        handover = self._create_handover(self.quoted, user_id=self.user_sales_leads.id)
        handover.action_start()
        tasks = self._tasks(self.quoted)
        self.assertEqual({task.summary: task.user_id for task in tasks}, people)

    def test_user_of_the_plan_was_archived(self):
        """The receiver gets the tasks of an archived user of the plan."""
        self.plan_visit.template_ids[1].write({
            'responsible_type': 'other',
            'responsible_id': self.other_heir.id,
        })
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET active = FALSE WHERE id IN %s",
            [(self.other_heir.id, self.leaver.id)],
        )
        self.env.invalidate_all()
        handover = self._create_handover(self.quoted)
        handover.action_start()
        self.assertEqual(self._tasks(self.quoted).user_id, self.heir)

    def test_due_dates(self):
        today = fields.Date.today()
        before, _after = self.plan_visit.template_ids
        before.delay_from = 'before_plan_date'
        for planned, due in (
            (today + timedelta(days=10), [7, 13]),
            (today - timedelta(days=10), [0, 3]),
            (today, [0, 3]),
        ):
            with self.subTest(planned=planned):
                handover = self._create_handover(self.quoted, planned_date=planned)
                handover.action_start()
                self.assertEqual(
                    [(task.date_deadline - today).days for task in self._tasks(self.quoted)], due
                )
                handover.action_undo()

    def test_plan_in_odoos_own_dialog(self):
        """Outside of a handover, a plan assigns its activities to the salesperson."""
        form = Form(
            self.env['mail.activity.schedule'].with_context(
                active_model='crm.lead', active_ids=self.quoted.ids
            )
        )
        form.plan_id = self.plan_visit
        wizard = form.save()
        wizard.action_schedule_plan()
        self.assertEqual(self.quoted.activity_ids.user_id, self.leaver)
        self.assertFalse(self._tasks(self.quoted))

    def test_email_task_sends_the_new_contact(self):
        self.quoted.company_id = self.env.company
        self.plan_visit.template_ids[1].activity_type_id = self.kind_email
        handover = self._create_handover(self.quoted, transfer_mode='tasks_done')
        handover.action_start()
        task = self._tasks(self.quoted)[1]
        template = task.mail_template_ids
        self.assertEqual(template, self.env.ref('sales_funnel_mgmt.mail_template_new_contact'))
        mail = template._generate_template(self.quoted.ids, ['subject', 'body_html', 'email_from'])
        values = mail[self.quoted.id]
        self.assertIn("Henry Heir", values['body_html'])
        self.assertIn("heir@test.example.com", values['email_from'])
        self.assertIn(self.env.company.name, values['subject'])

    def test_report(self):
        self.plan_visit.template_ids[0].delay_from = 'before_plan_date'
        handover = self._create_handover(self.leads)
        handover.action_start()
        brief, visit = self._tasks(self.quoted)
        brief.date_deadline = fields.Date.today() - timedelta(days=2)
        Report = self.env['crm.handover.progress.report']
        domain = [('handover_id', '=', handover.id)]
        row = Report.search([('id', '=', brief.id)])
        self.assertRecordValues(
            row,
            [
                {
                    'status': 'overdue',
                    'overdue': 1,
                    'done': 0,
                    'lead_id': self.quoted.id,
                    'stage_id': self.stage_late.id,
                    'to_user_id': self.heir.id,
                    'user_id': self.leaver.id,
                    'activity_type_id': self.kind_call.id,
                }
            ],
        )
        self._do(brief)
        self._do(visit)
        self.assertEqual(
            Report._read_group(
                domain,
                ['stage_id'],
                ['planned:sum', 'done:sum', 'late:sum', 'overdue:sum', 'share_done:avg'],
            ),
            [(self.stage_open, 2, 0, 0, 0, 0), (self.stage_late, 2, 2, 1, 0, 100)],
        )
        self.assertEqual(Report._read_group(domain, [], ['share_done:avg']), [(50,)])
        self.assertEqual(row.status, 'late')

    def test_reminder_once_a_task(self):
        handover = self._create_handover(self.leads)
        handover.action_start()
        brief, visit = self._tasks(self.quoted)
        cron = self.env.ref('sales_funnel_mgmt.ir_cron_continue_handovers')

        def run():
            before = self.env['mail.notification'].search([])
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            return (self.env['mail.notification'].search([]) - before).res_partner_id

        self.assertFalse(run())
        brief.date_deadline = visit.date_deadline = fields.Date.today() - timedelta(days=1)
        self.env.flush_all()
        people = self.leaver + self.heir + self.user_sales_manager
        self.assertEqual(run(), people.partner_id)
        self.assertFalse(run(), "Once a task")

    def test_scheduled_action_goes_on_where_it_was_held_up(self):
        handover = self._create_handover(self.leads, transfer_mode='tasks_done')
        handover.action_start()
        self.stage_late.lock_salesperson = True
        self._do(self._tasks(self.quoted))
        self.stage_late.lock_salesperson = False
        with self.enter_registry_test_mode():
            self.env.ref('sales_funnel_mgmt.ir_cron_continue_handovers').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.quoted.user_id, self.heir)
        self.assertEqual(self._states(handover), ['done', 'in_progress', 'done'])

    def test_examples_on_the_default_funnel(self):
        """The stages of Odoo get example plans, and plans that a company has chosen stay."""
        Stage = self.env['crm.stage']
        stage = self.env.ref('crm.stage_lead3')
        stage.handover_plan_id = self.plan_call
        other = self.env.ref('crm.stage_lead1')
        other.write({'handover_plan_id': False, 'handover_wave': 1})
        Stage._set_example_handover_plans()
        self.assertEqual(stage.handover_plan_id, self.plan_call)
        self.assertEqual(
            other.handover_plan_id,
            self.env.ref('sales_funnel_mgmt.mail_activity_plan_prospect'),
        )
        self.assertEqual(other.handover_wave, 3)

    def test_queries_of_a_wave_do_not_grow_with_it(self):
        counts = []
        for number in (5, 5, 45):
            leads = self.env['crm.lead'].browse()
            for index in range(number):
                leads += self._create_leaver_opportunity(f"Many {index}", partner_id=False)
            leads[0].stage_id = self.stage_late
            handover = self._create_handover(leads, transfer_mode='tasks_done')
            handover.action_start()
            tasks = self._tasks(leads[0])
            self._do(tasks[0])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._do(tasks[1])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(self._tasks(leads)), 2 * (number - 1))
        self.assertLessEqual(counts[2] - counts[1], 6)

    def test_deleting_other_records_does_not_touch_the_handover(self):
        """Odoo's deletion of the activities of any deleted record leaves handovers unchanged."""
        lead = self._create_leaver_opportunity("Ship")
        self._create_handover(lead).action_start()
        lead.message_subscribe(self.leaver.partner_id.ids)
        with patch.object(self.registry['crm.handover.line'], '_finish') as finish:
            lead.message_unsubscribe(self.leaver.partner_id.ids)
            finish.assert_not_called()
            self._tasks(lead)[0].unlink()
            finish.assert_called_once()
