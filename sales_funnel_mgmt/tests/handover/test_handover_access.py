"""Test the access to handovers, and concurrent starts."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged, users
from odoo.tools import SQL

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverAccess(TestHandoverCommon):
    """Check the access rights before, during and after a handover."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quoted = cls._create_leaver_opportunity("Quoted", stage_id=cls.stage_late.id)
        cls.other = cls._create_leaver_opportunity("Other", stage_id=cls.stage_late.id)
        cls.negotiated = cls._create_leaver_opportunity("Negotiated")
        cls.leads = cls.quoted + cls.other + cls.negotiated

    def _start(self, **values):
        handover = self._create_handover(
            self.leads, self.heir + self.other_heir, allocation_method='manual', **values
        )
        for lead, user in (
            (self.quoted, self.heir),
            (self.other, self.other_heir),
            (self.negotiated, self.heir),
        ):
            self._line(handover, lead).to_user_id = user
        handover.action_start()
        self.env.flush_all()
        self.env.invalidate_all()
        return handover

    def _seen(self, user):
        return self.env['crm.lead'].with_user(user).search([('id', 'in', self.leads.ids)])

    def test_outgoing_salesperson(self):
        """The outgoing salesperson does their tasks and reads only the opportunities of these."""
        handover = self._start()
        tasks = self._tasks(self.leads).filtered(lambda task: task.user_id == self.leaver)
        self.assertEqual(set(tasks.mapped('res_id')), set((self.quoted + self.other).ids))
        self.assertEqual(self._seen(self.leaver), self.quoted + self.other)
        self.assertFalse(self.env['crm.handover'].with_user(self.leaver).search([]))
        self.assertFalse(self.env['crm.handover.line'].with_user(self.leaver).search([]))
        for lead in self.leads:
            with self.assertRaises(AccessError):
                lead.with_user(self.leaver).write({'name': "Mine again"})
            with self.assertRaises(AccessError):
                lead.with_user(self.leaver).write({'user_id': self.leaver.id})
        with self.assertRaises(AccessError):
            self.negotiated.with_user(self.leaver).read(['name'])
        task = tasks.filtered(lambda one: one.res_id == self.quoted.id)
        task.with_user(self.leaver).action_feedback(feedback="They want blue.")
        self.env.invalidate_all()
        self.assertEqual(self._seen(self.leaver), self.other, "No task, nothing to see")
        with self.assertRaises(AccessError):
            self.quoted.with_user(self.leaver).message_ids.read(['body'])
        handover.action_cancel()
        self.assertFalse(self._seen(self.leaver))

    def test_task_given_to_someone_else(self):
        self._start()
        task = self._tasks(self.quoted).filtered(lambda one: one.user_id == self.leaver)
        task.with_user(self.user_sales_manager).user_id = self.heir
        self.env.invalidate_all()
        self.assertEqual(self._seen(self.leaver), self.other)

    def test_receiver_works_from_the_first_minute(self):
        self._start()
        lead = self.quoted.with_user(self.heir)
        self.assertEqual(self._seen(self.heir), self.quoted + self.negotiated)
        lead.write({'expected_revenue': 7})
        lead.message_post(body="Hello, it is me now")
        lead.stage_id = self.stage_open
        self._do(self._tasks(self.quoted).filtered(lambda task: task.user_id == self.heir))

    def test_receiver_before_the_transfer(self):
        """Receivers read their future opportunities and do their tasks."""
        self._start(transfer_mode='tasks_done')
        self.assertEqual(self._seen(self.heir), self.quoted + self.negotiated)
        self.assertEqual(self._seen(self.leaver), self.leads)
        with self.assertRaises(AccessError):
            self.quoted.with_user(self.heir).write({'user_id': self.heir.id})
        self._do(self._tasks(self.quoted))
        self.assertEqual(self.quoted.user_id, self.heir)
        self.assertNotIn(self.quoted, self._seen(self.leaver))
        self.quoted.with_user(self.heir).write({'expected_revenue': 7})

    def test_receiver_reads_what_comes_to_them(self):
        handover = self._create_handover(self.leads)
        mine = handover.with_user(self.heir)
        self.assertFalse(self.env['crm.handover'].with_user(self.heir).search([]), "A draft")
        handover.action_cancel()
        handover = self._start()
        mine = handover.with_user(self.heir)
        self.env.invalidate_all()
        self.assertEqual(mine.line_ids.lead_id, self.quoted + self.negotiated)
        self.assertEqual(mine.receiver_ids.user_id, self.heir + self.other_heir)
        self.assertEqual(mine.line_count, 3)
        mine.message_post(body="Thank you")
        report = self.env['crm.handover.progress.report'].with_user(self.heir).search([])
        self.assertEqual(report.lead_id, self.quoted)
        html = (
            self
            .env['ir.actions.report']
            .with_user(self.heir)
            ._render_qweb_html('sales_funnel_mgmt.report_crm_handover', handover.ids)[0]
            .decode()
        )
        self.assertIn("Negotiated", html)
        self.assertNotIn("Other<", html)

    def test_only_administrators_run_handovers(self):
        handover = self._start()
        draft = self._create_handover(self._create_leaver_opportunity("New"))
        for user in self.user_sales_leads + self.heir:
            self._try_everything(user, handover.with_user(user), draft.with_user(user))

    def _try_everything(self, user, handover, draft):
        env = handover.env
        line = handover.line_ids[:1]
        attempts = {
            'start': draft.action_start,
            'audit': draft.action_audit,
            'allocate': draft.action_allocate,
            'clear': draft.action_clear_allocation,
            'cancel': handover.action_cancel,
            'undo': handover.action_undo,
            'undo line': line.action_undo,
            'transfer line': line.action_transfer,
            'write': lambda: handover.write({'note': "Mine"}),
            'reason': lambda: line.write({'override_reason': "Because"}),
            'state': lambda: line.write({'state': 'done'}),
            'create': lambda: env['crm.handover'].create({}),
            'line': lambda: env['crm.handover.line'].create({
                'handover_id': handover.id,
                'lead_id': self.negotiated.id,
            }),
            'dialog': lambda: env['crm.handover.create'].create({}),
            'check': lambda: env['crm.pipeline.check'].create({
                'name': "x",
                'domain': "[('id', '=', 1)]",
            }),
            'lines of a lead': lambda: self.quoted.with_env(env).write({
                'handover_line_ids': [Command.update(line.id, {'override_reason': "Because"})],
            }),
            'partner': lambda: self.quoted.with_env(env).write({
                'handover_user_id': user.id,
            }),
            'forged context': lambda: line.with_context(
                su=True, install_mode=True, tracking_disable=True
            ).write({'override_reason': "Because"}),
        }
        for name, attempt in attempts.items():
            with (
                self.subTest(user=user.login, attempt=name),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()

    @users('user_sales_manager')
    def test_how_far_it_has_come_is_nobodys_to_write(self):
        handover = self._create_handover(self.leads)
        line = handover.line_ids[0]
        for record, values in (
            (handover, {'state': 'done'}),
            (handover, {'started_at': '2020-01-01'}),
            (handover, {'optout_member_ids': [Command.clear()]}),
            (line, {'state': 'done'}),
            (line, {'from_user_id': self.heir.id}),
            (line, {'transferred_at': '2020-01-01'}),
            (line, {'moved_records': {'activity_ids': [1]}}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.write(values)
        with self.assertRaises(AccessError):
            self.env['crm.handover'].with_context(default_state='done').create({})
        self.env['crm.handover'].create({})
        activity = self._tasks(self.leads)[:1] or self.quoted.with_user(
            self.user_sales_manager
        ).activity_schedule('mail.mail_activity_data_call')
        with self.assertRaises(AccessError):
            activity.with_user(self.user_sales_manager).write({'handover_line_id': line.id})

    def test_lines_follow_the_state(self):
        handover = self._start()
        line = handover.line_ids[0]
        for values in ({'to_user_id': self.other_heir.id}, {'lead_id': self.negotiated.id}):
            with self.assertRaises(UserError):
                line.write(values)
        with self.assertRaises(UserError):
            handover.line_ids = [
                Command.create({'lead_id': self._create_leaver_opportunity("New").id})
            ]

    def test_companies_stay_apart(self):
        elsewhere = self.env['res.company'].create({'name': "Elsewhere"})
        stranger = mail_new_test_user(
            self.env,
            login='stranger',
            company_id=elsewhere.id,
            company_ids=elsewhere.ids,
            groups='sales_team.group_sale_manager',
        )
        self._start()
        for model in (
            'crm.handover',
            'crm.handover.line',
            'crm.handover.receiver',
            'crm.handover.finding',
            'crm.handover.progress.report',
        ):
            self.assertFalse(self.env[model].with_user(stranger).search([]), model)
            self.assertTrue(
                model == 'crm.handover.finding'
                or self.env[model].with_user(self.user_sales_leads).search([]),
                model,
            )

    def test_without_sales_rights(self):
        clerk = mail_new_test_user(self.env, login='clerk', groups='base.group_user')
        for model in ('crm.handover', 'crm.handover.line', 'crm.handover.progress.report'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(clerk).search([])
        portal = mail_new_test_user(self.env, login='portal', groups='base.group_portal')
        with self.assertRaises(AccessError):
            self.env['crm.handover'].with_user(portal).search([])

    def test_clerk_without_sales_rights_does_a_task(self):
        """A user of the plan can do a task without sales rights."""
        clerk = mail_new_test_user(self.env, login='clerk', groups='base.group_user')
        self.plan_visit.template_ids[1].write({
            'responsible_type': 'other',
            'responsible_id': clerk.id,
        })
        self._start()
        task = self._tasks(self.quoted)[1]
        self.assertEqual(task.user_id, clerk)
        self._do(self._tasks(self.quoted))
        self.assertEqual(self.quoted.handover_line_ids.state, 'done')


@tagged('post_install', '-at_install', 'handover')
class TestHandoverConcurrency(TransactionCase):
    """Start two handovers of the same opportunity in concurrent transactions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Both transactions read committed records, which have to be deleted afterwards.
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {'tracking_disable': True})
            leaver, *heirs = (
                mail_new_test_user(
                    env, login=f'concurrent_{number}', groups='sales_team.group_sale_salesman'
                )
                for number in range(3)
            )
            stage = env['crm.stage'].create({'name': "Concurrent", 'sequence': 1})
            leads = env['crm.lead'].create([
                {
                    'name': f"Concurrent {number}",
                    'type': 'opportunity',
                    'email_from': 'x@example.com',
                    'user_id': leaver.id,
                    'stage_id': stage.id,
                }
                for number in range(4)
            ])
            handovers = env['crm.handover'].browse()
            # Each handover also has an opportunity of its own.
            for heir, own in zip(
                heirs, (leads[0] + leads[1] + leads[2], leads[1] + leads[2] + leads[3]), strict=True
            ):
                handovers += env['crm.handover']._create_from_leads(
                    own,
                    receiver_ids=[Command.create({'user_id': heir.id})],
                    reason='rebalancing',
                )
            cls.ids = {
                'leads': leads.ids,
                'handovers': handovers.ids,
                'heirs': [heir.id for heir in heirs],
                'leaver': leaver.id,
            }
            to_remove = [
                ('crm_handover', handovers.ids),
                ('crm_lead', leads.ids),
                ('crm_stage', stage.ids),
            ]
            users = leaver.union(*heirs)
        cls.addClassCleanup(cls._remove, to_remove, users.ids)

    @classmethod
    def _remove(cls, to_remove, user_ids):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            ids = dict(to_remove)
            for model, table in (('crm.lead', 'crm_lead'), ('crm.handover', 'crm_handover')):
                cr.execute(
                    SQL(
                        "DELETE FROM mail_message WHERE model = %s AND res_id IN %s",
                        model,
                        tuple(ids[table]),
                    )
                )
            env['mail.activity'].search([
                ('res_model', '=', 'crm.lead'),
                ('res_id', 'in', ids['crm_lead']),
            ]).unlink()
            cr.execute(SQL("DELETE FROM crm_handover WHERE id IN %s", tuple(ids['crm_handover'])))
            env['crm.lead'].browse(ids['crm_lead']).unlink()
            cr.execute(
                SQL("DELETE FROM crm_stage_history WHERE lead_ref IN %s", tuple(ids['crm_lead']))
            )
            env['crm.stage'].browse(ids['crm_stage']).unlink()
            users = env['res.users'].browse(user_ids)
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _start(self, number, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        env['crm.handover'].browse(self.ids['handovers'][number]).action_start()
        env.flush_all()

    def test_one_wins(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            # Both have begun before either has finished.
            first.execute("SELECT 1")
            second.execute("SELECT 1")
            self._start(0, first)
            with self.assertRaisesRegex(UserError, "Someone else is changing these opportunities"):
                self._start(1, second)
            second.rollback()
            first.commit()
        self._check_winner()

    def _check_winner(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            winner, loser = env['crm.handover'].browse(self.ids['handovers'])
            leads = env['crm.lead'].browse(self.ids['leads'])
            self.assertEqual(leads[:3].user_id.ids, self.ids['heirs'][:1])
            self.assertEqual(leads[3].user_id.id, self.ids['leaver'], "Nothing is half-transferred")
            self.assertEqual(loser.state, 'draft')
            self.assertEqual(set(loser.line_ids.mapped('state')), {'draft'})
            self.assertIn(winner.state, ('in_progress', 'done'))
            with self.assertRaisesRegex(UserError, "changed hands|another handover"):
                loser.action_start()
