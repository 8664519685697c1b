"""Test that a handover moves customers with all that is held of them."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverBook(TestHandoverCommon):
    """The book of the leaver.

    CUSTOMER---------CONTACTS OF THE LEAVER------OPPORTUNITIES-----LEADS
    acme             acme, buyer                 one open          one
    quiet            quiet                       none              none
    shared           none (of heir)              one each of leaver and other_heir
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('user_id', '=', cls.leaver.id)]).user_id = False
        cls.env['crm.lead'].search([('user_id', '=', cls.leaver.id)]).user_id = False
        Partner = cls.env['res.partner']
        cls.acme = Partner.create({'name': "Acme", 'is_company': True, 'user_id': cls.leaver.id})
        cls.buyer = Partner.create({
            'name': "Ann Buyer",
            'parent_id': cls.acme.id,
            'user_id': cls.leaver.id,
        })
        cls.quiet = Partner.create({'name': "Quiet", 'user_id': cls.leaver.id})
        cls.shared = Partner.create({'name': "Shared", 'user_id': cls.heir.id})
        cls.open_lead = cls._create_held(cls.leaver, cls.buyer, "Machine")
        cls.raw_lead = cls._create_held(cls.leaver, cls.acme, "Inquiry", type='lead')
        cls.shared_lead = cls._create_held(cls.leaver, cls.shared, "Part")
        cls.other_lead = cls._create_held(cls.other_heir, cls.shared, "Other part")

    @classmethod
    def _create_held(cls, user, partner, name, **values):
        return cls.env['crm.lead'].create({
            'name': name,
            'type': 'opportunity',
            'user_id': user.id,
            'partner_id': partner.id,
            'team_id': cls.sales_team_1.id,
            'stage_id': cls.stage_open.id,
            'expected_revenue': 100,
            **values,
        })

    def _prepare(self, **values):
        """Return the draft handover of the whole book to `heir`, made by the dialog."""
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.user_sales_manager)
            .create({
                'from_user_id': self.leaver.id,
                'receiver_ids': [Command.set(self.heir.ids)],
                'allocation_method': 'single',
                **values,
            })
        )
        return wizard.env['crm.handover'].browse(wizard.action_create()['res_id'])

    def _customer(self, handover, partner):
        return handover.customer_ids.filtered(lambda one: one.customer_id == partner)

    def test_draft_has_the_whole_book(self):
        handover = self._prepare()
        self.assertEqual(handover.customer_ids.customer_id, self.acme + self.quiet + self.shared)
        self.assertEqual(handover.line_ids.lead_id, self.open_lead + self.shared_lead)
        acme = self._customer(handover, self.acme)
        self.assertCountEqual(
            acme.document_ids.mapped('kind'), ['customer', 'contact', 'lead'], "Not the opportunity"
        )
        self.assertEqual((acme.opportunity_count, acme.document_count), (1, 3))
        self.assertEqual(self._customer(handover, self.quiet).document_ids.name, "Quiet")
        self.assertEqual(handover.customer_ids.to_user_id, self.heir)
        self.assertTrue(self._customer(handover, self.shared).is_shared)
        self.assertFalse(acme.is_shared)
        self.assertEqual(self.acme.user_id, self.leaver, "A draft changes nothing")

    def test_start_leaves_nothing_with_the_leaver(self):
        handover = self._prepare()
        self.assertFalse(handover.still_held, "Nothing was handed over yet")
        handover.action_start()
        self.assertEqual(
            (self.acme + self.buyer + self.quiet).user_id
            + (self.open_lead + self.raw_lead + self.shared_lead).user_id,
            self.heir,
        )
        self.assertEqual(self.other_lead.user_id, self.other_heir)
        self.assertEqual(set(handover.document_ids.mapped('state')), {'done'})
        self.assertFalse(handover.still_held)
        self.assertFalse(self.env['crm.book']._filter_holding(self.leaver))
        self.assertIn(
            handover.name, self.acme.message_ids[:1].body, "The chatter tells of the handover"
        )

    def test_what_remains_is_told(self):
        handover = self._prepare()
        self._customer(handover, self.quiet).to_user_id = False
        self.assertEqual(handover.unallocated_customer_count, 1)
        handover.action_start()
        self.assertEqual(self.quiet.user_id, self.leaver)
        self.assertEqual(self._customer(handover, self.quiet).state, 'skipped')
        self.assertEqual(handover.still_held, "Customer: 1")

    def test_documents_wait_for_the_last_opportunity(self):
        handover = self._prepare(transfer_mode='tasks_done')
        handover.action_start()
        acme = self._customer(handover, self.acme)
        self.assertEqual(self.acme.user_id, self.leaver)
        self.assertEqual(set(acme.document_ids.mapped('state')), {'waiting'})
        self.assertEqual(self.quiet.user_id, self.heir, "No opportunity to wait for")
        tasks = self._tasks(self.open_lead).filtered('is_handover_mandatory')
        tasks.with_user(self.user_sales_manager).action_done()
        self.assertEqual(self.open_lead.user_id, self.heir)
        self.assertEqual((self.acme + self.buyer).user_id + self.raw_lead.user_id, self.heir)
        self.assertEqual(acme.state, 'done')

    def test_undo_gives_everything_back(self):
        activity = self.raw_lead.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.leaver.id
        )
        partner_activity = self.quiet.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.leaver.id
        )
        meeting = self.env['calendar.event'].create({
            'name': "Visit",
            'user_id': self.leaver.id,
            'partner_ids': [Command.set(self.leaver.partner_id.ids)],
            'start': fields.Datetime.now() + timedelta(days=2),
            'stop': fields.Datetime.now() + timedelta(days=2, hours=1),
            'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'res_id': self.quiet.id,
        })
        handover = self._prepare()
        handover.action_start()
        self.assertEqual(activity.user_id + partner_activity.user_id + meeting.user_id, self.heir)
        self.assertIn(self.heir.partner_id, meeting.partner_ids)
        self.assertTrue(handover.can_undo)
        handover.action_undo()
        self.assertEqual(
            (self.acme + self.buyer + self.quiet).user_id
            + (self.open_lead + self.raw_lead + self.shared_lead).user_id,
            self.leaver,
        )
        self.assertEqual(activity.user_id + partner_activity.user_id + meeting.user_id, self.leaver)
        self.assertEqual(handover.state, 'cancelled')
        self.assertEqual(set(handover.document_ids.mapped('state')), {'undone'})

    def test_undo_of_one_customer(self):
        handover = self._prepare()
        handover.action_start()
        quiet = self._customer(handover, self.quiet)
        self.assertTrue(quiet.can_undo)
        self.assertTrue(quiet.is_transferred)
        quiet.action_undo()
        self.assertEqual(self.quiet.user_id, self.leaver)
        self.assertEqual(self.acme.user_id, self.heir)
        self.assertNotEqual(handover.state, 'cancelled')
        with self.assertRaisesRegex(UserError, "Nothing of"):
            quiet.action_undo()

    def test_undo_is_refused_when_somebody_has_changed_the_salesperson(self):
        handover = self._prepare()
        handover.action_start()
        self.quiet.user_id = self.other_heir
        with self.assertRaisesRegex(UserError, "Quiet"):
            handover.action_undo()

    def test_what_changes_before_the_start_is_skipped(self):
        handover = self._prepare()
        self.buyer.user_id = self.other_heir
        self.raw_lead.action_set_lost()
        handover.action_start()
        states = {
            document.name: (document.state, bool(document.remark))
            for document in self._customer(handover, self.acme).document_ids
        }
        self.assertEqual(states[self.buyer.complete_name], ('skipped', True))
        self.assertEqual(states["Inquiry"], ('skipped', True))
        self.assertEqual(states["Acme"], ('done', False))
        self.assertEqual(self.buyer.user_id, self.other_heir)

    def test_lead_converted_during_the_handover(self):
        handover = self._prepare(transfer_mode='tasks_done')
        handover.action_start()
        self.raw_lead.convert_opportunity(self.acme)
        tasks = self._tasks(self.open_lead + self.shared_lead).filtered('is_handover_mandatory')
        tasks.with_user(self.user_sales_manager).action_done()
        document = handover.document_ids.filtered(lambda one: one.name == "Inquiry")
        self.assertEqual(document.state, 'skipped')
        self.assertEqual(
            handover.still_held, "Opportunity: 1", "Told, so that it can be handed over"
        )

    def test_opportunities_of_a_shared_customer_may_have_a_receiver_of_their_own(self):
        handover = self._prepare()
        self._line(handover, self.shared_lead).to_user_id = self.user_sales_leads
        self.assertEqual(self._customer(handover, self.shared).to_user_id, self.heir)
        self._line(handover, self.open_lead).to_user_id = self.other_heir
        self.assertEqual(
            self._customer(handover, self.acme).to_user_id,
            self.other_heir,
            "The customer is not shared: all of it goes along",
        )

    def test_receiver_of_a_customer_reaches_its_opportunities(self):
        handover = self._prepare()
        self._customer(handover, self.acme).to_user_id = self.other_heir
        self.assertEqual(self._line(handover, self.open_lead).to_user_id, self.other_heir)
        handover.action_clear_allocation()
        self.assertFalse(handover.customer_ids.to_user_id)
        self.assertFalse(handover.line_ids.to_user_id)

    def test_add_a_customer_to_a_draft(self):
        handover = (
            self
            .env['crm.handover']
            .with_user(self.user_sales_manager)
            .create({'from_user_id': self.leaver.id})
        )
        with Form(handover) as form, form.customer_ids.new() as customer:
            customer.customer_id = self.buyer
        self.assertEqual(handover.customer_ids.customer_id, self.acme, "The company of the contact")
        self.assertEqual(handover.line_ids.lead_id, self.open_lead)
        self.assertEqual(handover.customer_ids.document_count, 3)
        with self.assertRaisesRegex(UserError, "holds nothing"):
            handover.customer_ids = [Command.create({'customer_id': self.partner_of_nobody().id})]
        with self.assertRaisesRegex(UserError, "stays"):
            handover.customer_ids.customer_id = self.quiet
        handover.customer_ids.unlink()
        self.assertFalse(handover.line_ids)
        self.assertFalse(handover.document_ids)
        handover.from_user_id = False
        with self.assertRaisesRegex(UserError, "outgoing salesperson"):
            handover.customer_ids = [Command.create({'customer_id': self.quiet.id})]
        with self.assertRaisesRegex(UserError, "choose a customer"):
            handover.customer_ids = [Command.create({})]

    def partner_of_nobody(self):
        return self.env['res.partner'].create({'name': "Nobody's"})

    def test_selected_opportunity_draws_its_customer_only_if_none_is_kept(self):
        second = self._create_held(self.leaver, self.acme, "Second")
        Create = self.env['crm.handover.create'].with_user(self.user_sales_manager)
        whole = Create.create({'lead_ids': [Command.set(self.open_lead.ids)]})
        handover = self.env['crm.handover'].browse(whole.action_create()['res_id'])
        self.assertEqual(handover.line_ids.lead_id, self.open_lead + second)
        self.assertEqual(handover.document_count, 3)
        handover.unlink()
        single = Create.create({
            'lead_ids': [Command.set(self.open_lead.ids)],
            'whole_customers': False,
        })
        handover = self.env['crm.handover'].browse(single.action_create()['res_id'])
        self.assertEqual(handover.line_ids.lead_id, self.open_lead)
        self.assertFalse(handover.document_ids, "The customer stays: an opportunity of it does")

    def test_locked_customer_needs_a_reason(self):
        self.stage_open.lock_salesperson = True
        locked = self._create_held(self.other_heir, self.quiet, "Locked")
        handover = self._prepare()
        self._line(handover, self.open_lead).override_reason = "Lea leaves"
        self._line(handover, self.shared_lead).override_reason = "Lea leaves"
        quiet = self._customer(handover, self.quiet)
        self.assertTrue(quiet.is_salesperson_locked)
        with self.assertRaisesRegex(UserError, "Quiet"):
            handover.action_start()
        quiet.override_reason = "Lea leaves"
        handover.action_start()
        self.assertEqual(self.quiet.user_id, self.heir)
        self.assertEqual(locked.user_id, self.other_heir)
        self.assertIn("Lea leaves", self.quiet.message_ids[:1].body)

    def test_access(self):
        handover = self._prepare()
        customers = handover.customer_ids
        for user in self.heir + self.user_sales_leads:
            with self.assertRaises(AccessError):
                customers[:1].with_user(user).to_user_id = user
            with self.assertRaises(AccessError):
                customers[:1].with_user(user).action_undo()
            with self.assertRaises(AccessError):
                self.env['crm.handover.customer'].with_user(user).create({
                    'handover_id': handover.id,
                    'customer_id': self.quiet.id,
                })
        self.assertFalse(self.env['crm.handover.customer'].with_user(self.heir).search([]))
        handover.action_start()
        mine = self.env['crm.handover.document'].with_user(self.heir).search([])
        self.assertIn("Acme", mine.mapped('name'))
        self.assertFalse(self.env['crm.handover.document'].with_user(self.other_heir).search([]))
        with self.assertRaises(AccessError):
            mine[:1].with_user(self.user_sales_manager).state = 'draft'

    def test_manager_without_rights_for_contacts(self):
        """A sales administrator who may not edit contacts hands customers over all the same."""
        manager = self.user_sales_manager
        manager.group_ids -= self.env.ref('base.group_partner_manager')
        handover = self._prepare()
        handover.action_start()
        self.assertEqual(self.acme.user_id, self.heir)

    def test_number_of_queries_does_not_depend_on_the_customers(self):
        def measure(number):
            self.env['res.partner'].create([
                {'name': f"Customer {i}", 'user_id': self.leaver.id} for i in range(number)
            ])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handover = self._prepare()
            self.env.flush_all()
            created = self.env.cr.sql_log_count - before
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handover.action_start()
            self.env.flush_all()
            started = self.env.cr.sql_log_count - before
            handover.action_undo()
            return created, started

        measure(5)
        small, large = measure(1), measure(60)
        self.assertLessEqual(large[0] - small[0], 5)
        self.assertLessEqual(large[1] - small[1], 5)

    def test_audit_of_customers(self):
        checks = {
            code: self
            .env['crm.pipeline.check']
            .with_context(active_test=False)
            .search([('code', '=', code)])
            for code in ('no_opportunity', 'unreachable', 'other_company')
        }
        for check in checks.values():
            check.active = True
        self.acme.phone = "+1 555"
        self.quiet.email = False
        company = self.env['res.company'].create({'name': "Elsewhere"})
        self._create_held(
            self.env['res.users'], self.shared, "Elsewhere", company_id=company.id, team_id=False
        )
        self.shared_lead.company_id = self.env.company
        checks['unreachable'].severity = 'blocking'
        handover = self._prepare()

        def found(code):
            return handover.finding_ids.filtered(
                lambda one: one.check_id == checks[code] and one.state == 'open'
            ).mapped('subject')

        self.assertEqual(found('no_opportunity'), ["Quiet"])
        self.assertEqual(set(found('unreachable')), {"Quiet", "Shared"})
        self.assertEqual(found('other_company'), ["Shared"])
        self.assertEqual(self._customer(handover, self.quiet).open_finding_count, 2)
        with self.assertRaisesRegex(UserError, "Quiet"):
            handover.action_start()
        self.buyer.parent_id.email = False
        self.acme.phone = False
        self.buyer.email = "ann@acme.example.com"
        self.quiet.phone = "+1 556"
        self.shared.phone = "+1 557"
        handover.action_audit()
        self.assertFalse(found('unreachable'), "A contact of the customer can be reached")
        self.assertEqual(
            handover.finding_ids.filtered('handover_customer_id')[:1].action_fix()['res_model'],
            'res.partner',
        )
        handover.action_start()

    def test_lines_of_earlier_versions_get_their_customers(self):
        loose = self._create_held(self.leaver, self.env['res.partner'], "Loose")
        second = self._create_held(self.leaver, self.acme, "Second")
        handover = self._create_handover(self.open_lead + second + loose)
        handover.document_ids.sudo().unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_handover_line SET handover_customer_id = NULL WHERE handover_id = %s",
            [handover.id],
        )
        self.env.cr.execute(
            "DELETE FROM crm_handover_customer WHERE handover_id = %s", [handover.id]
        )
        self.env.invalidate_all()
        Line = self.env['crm.handover.line']
        Line._repair_handover_customers()
        handover = handover.sudo()
        self.assertEqual(
            {
                (one.customer_id, one.customer_name, len(one.line_ids))
                for one in handover.customer_ids
            },
            {(self.acme, "Acme", 2), (self.env['res.partner'], "Loose", 1)},
        )
        self.assertEqual(handover.customer_ids.to_user_id, self.heir)
        self.assertEqual(handover.customer_ids.company_id, handover.company_id)
        Line._repair_handover_customers()
        self.assertEqual(len(handover.customer_ids), 2, "Once")

    def test_customers_that_are_merged_stay_in_the_handover(self):
        handover = self._prepare()
        self._customer(handover, self.quiet).to_user_id = self.other_heir
        count = handover.document_count
        self.env['base.partner.merge.automatic.wizard']._merge(
            (self.acme + self.quiet).ids, self.quiet
        )
        self.env.invalidate_all()
        customer = self._customer(handover, self.quiet)
        self.assertEqual(len(handover.customer_ids), 2)
        self.assertEqual(customer.line_ids.lead_id, self.open_lead)
        self.assertEqual(handover.document_count, count)
        self.assertEqual(customer.to_user_id, self.other_heir)
        handover.action_start()
        self.assertEqual((self.quiet + self.buyer).user_id, self.other_heir)
        self.assertEqual(self.raw_lead.user_id, self.other_heir)

    def test_a_merge_during_the_handover(self):
        handover = self._prepare(transfer_mode='tasks_done')
        handover.action_start()
        self.assertEqual(self.quiet.user_id, self.heir)
        self.env['base.partner.merge.automatic.wizard']._merge(
            (self.acme + self.quiet).ids, self.acme
        )
        self.env.invalidate_all()
        self.assertEqual(len(self._customer(handover, self.acme).document_ids), 4)
        tasks = self._tasks(self.open_lead).filtered('is_handover_mandatory')
        tasks.with_user(self.user_sales_manager).action_done()
        self.assertEqual(self.raw_lead.user_id, self.heir)
