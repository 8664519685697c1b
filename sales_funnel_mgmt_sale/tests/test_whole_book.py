"""Test that nothing open stays with a salesperson whose whole book was handed over."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import TestQuotaActualCommon

# Fields that keep who did something, or who had something in the past
PAST = {
    ('crm.communication', 'user_id'): "Who was in contact with the customer",
    ('crm.communication', 'owner_id'): "Salesperson at the time of the contact",
    ('crm.handover', 'from_user_id'): "Who gave the customers away",
    ('crm.handover.line', 'from_user_id'): "Who gave the opportunity away",
    ('crm.handover.document', 'from_user_id'): "Who gave the document away",
    ('crm.salesperson.change', 'old_user_id'): "Who had the opportunity before",
    ('crm.stage.history', 'previous_user_id'): "Salesperson of the stay before",
    ('mail.activity', 'former_user_id'): "Who had the activity before",
}
# Conditions of the rows that are open, of models that keep the closed ones, too
OPEN = {
    'crm.lead': "won_status = 'pending' AND active",
    'crm.stage.history': "left_at IS NULL",
    'sale.order': "state IN ('draft', 'sent')",
    'sale.order.line': "state IN ('draft', 'sent')",
    'account.move': "state = 'draft'",
    'mail.activity': "active",
}


@tagged('post_install', '-at_install', 'handover')
class TestWholeBook(TestQuotaActualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver, cls.heir, cls.manager = (
            mail_new_test_user(
                cls.env,
                login=login,
                name=login.capitalize(),
                email=f'{login}@test.example.com',
                groups=groups,
            )
            for login, groups in (
                ('leaver', 'sales_team.group_sale_salesman'),
                ('heir', 'sales_team.group_sale_salesman'),
                ('manager', 'sales_team.group_sale_manager'),
            )
        )
        cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': cls.sales_team_1.id}
            for user in cls.leaver + cls.heir
        ])
        cls.env['crm.pipeline.check'].search([]).active = False
        Partner = cls.env['res.partner']
        cls.acme = Partner.create({'name': "Acme", 'is_company': True, 'user_id': cls.leaver.id})
        cls.buyer = Partner.create({
            'name': "Ann Buyer",
            'parent_id': cls.acme.id,
            'user_id': cls.leaver.id,
        })
        cls.quiet = Partner.create({'name': "Quiet", 'user_id': cls.leaver.id})
        cls.lead = cls.env['crm.lead'].create({
            'name': "Machine",
            'type': 'opportunity',
            'partner_id': cls.buyer.id,
            'user_id': cls.leaver.id,
            'team_id': cls.sales_team_1.id,
        })
        cls.draft, cls.sent, cls.order = (
            cls._create_order(
                100, partner_id=cls.acme.id, user_id=cls.leaver.id, opportunity_id=cls.lead.id
            )
            for _i in range(3)
        )
        cls.sent.state = 'sent'
        cls.order.action_confirm()
        cls.lone = cls._create_order(100, partner_id=cls.quiet.id, user_id=cls.leaver.id)
        for record in cls.acme + cls.quiet:
            record.activity_schedule('mail.mail_activity_data_call', user_id=cls.leaver.id)
        for record in (cls.lead, cls.draft):
            record.activity_schedule('mail.mail_activity_data_call', user_id=cls.leaver.id)

    def _hand_over(self, **values):
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.manager)
            .create({
                'from_user_id': self.leaver.id,
                'receiver_ids': [Command.set(self.heir.ids)],
                'allocation_method': 'single',
                'transfer_mode': 'now',
                **values,
            })
        )
        handover = wizard.env['crm.handover'].browse(wizard.action_create()['res_id'])
        handover.action_start()
        return handover

    def _find_open(self, user):
        """Return the fields of all models by which open records name a user."""
        self.env.flush_all()
        found = {}
        for name, Model in self.env.registry.items():
            if not Model._auto or Model._abstract or Model._transient:
                continue
            for field in Model._fields.values():
                if (
                    field.type != 'many2one'
                    or field.comodel_name != 'res.users'
                    or not field.store
                    or not field.column_type
                    or field.name in ('create_uid', 'write_uid')
                    or (name, field.name) in PAST
                ):
                    continue
                [(count,)] = self.env.execute_query(
                    SQL(
                        "SELECT COUNT(*) FROM %s WHERE %s = %s AND %s",
                        SQL.identifier(Model._table),
                        SQL.identifier(field.name),
                        user.id,
                        SQL(OPEN.get(name, "TRUE")),
                    )
                )
                if count:
                    found[name, field.name] = count
        return found

    def test_nothing_open_names_the_leaver(self):
        before = self._find_open(self.leaver)
        for name in (
            ('res.partner', 'user_id'),
            ('crm.lead', 'user_id'),
            ('sale.order', 'user_id'),
            ('mail.activity', 'user_id'),
            ('crm.stage.history', 'user_id'),
        ):
            self.assertIn(name, before)
        handover = self._hand_over()
        self.assertEqual(handover.still_held, "Order to Deliver or Invoice: 1", "Told, not moved")
        self.leaver.with_user(self.env.ref('base.user_admin')).action_archive()
        after = self._find_open(self.leaver)
        for name in (
            # The user's own settings and memberships
            ('res.users.settings', 'user_id'),
            ('res.users.log', 'user_id'),
            ('crm.team.member', 'user_id'),
            ('resource.resource', 'user_id'),
        ):
            after.pop(name, None)
        self.assertFalse(after)
        self.assertFalse(self.env['crm.orphan.report'].search([('user_id', '=', self.leaver.id)]))

    def test_new_documents_belong_to_the_receiver(self):
        self._hand_over()
        self.leaver.with_user(self.env.ref('base.user_admin')).action_archive()
        for partner in self.acme + self.buyer + self.quiet:
            order = self.env['sale.order'].create({'partner_id': partner.id})
            self.assertEqual(order.user_id, self.heir)
            invoice = self.env['account.move'].create({
                'move_type': 'out_invoice',
                'partner_id': partner.id,
            })
            self.assertEqual(invoice.invoice_user_id, self.heir)

    def test_without_a_handover_new_documents_go_to_the_leader(self):
        self.leaver.with_user(self.env.ref('base.user_admin')).action_archive()
        self.assertEqual(self.acme.user_id, self.leaver)
        leader = self.sales_team_1.user_id
        order = self.env['sale.order'].create({'partner_id': self.acme.id})
        self.assertEqual(order.user_id, leader)
        self.assertEqual(self.draft.copy().user_id, leader)
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': self.acme.id,
        })
        self.assertEqual(invoice.invoice_user_id, leader)
        self.acme.user_id = self.heir
        self.assertEqual(
            self.env['sale.order'].create({'partner_id': self.buyer.id}).user_id,
            self.heir,
            "The salesperson of the company before the leader of the team",
        )

    def test_credit_of_confirmed_orders_stays(self):
        self._hand_over()
        self.assertEqual(self.order.user_id, self.leaver)
        self.assertEqual((self.draft + self.sent + self.lone).user_id, self.heir)
        self.assertEqual((self.draft + self.sent).team_id, self.sales_team_1)

    def test_quotation_confirmed_before_the_transfer_stays(self):
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.manager)
            .create({
                'from_user_id': self.leaver.id,
                'receiver_ids': [Command.set(self.heir.ids)],
                'allocation_method': 'single',
            })
        )
        handover = wizard.env['crm.handover'].browse(wizard.action_create()['res_id'])
        self.draft.action_confirm()
        handover.action_start()
        document = handover.document_ids.filtered(lambda one: one.name == self.draft.name)
        self.assertEqual((document.state, self.draft.user_id), ('skipped', self.leaver))

    def test_undo_keeps_what_was_confirmed_since(self):
        handover = self._hand_over()
        self.draft.action_confirm()
        handover.action_undo()
        self.assertEqual(self.draft.user_id, self.heir, "Who sold it has the credit")
        self.assertEqual((self.sent + self.lone).user_id, self.leaver)
        self.assertEqual((self.acme + self.buyer + self.quiet).user_id, self.leaver)

    def test_lock_reaches_the_quotations(self):
        stage = self.env['crm.stage'].create({'name': "Locked", 'lock_salesperson': True})
        self.env['crm.lead'].create({
            'name': "Contract",
            'type': 'opportunity',
            'partner_id': self.acme.id,
            'user_id': self.leaver.id,
            'team_id': self.sales_team_1.id,
            'stage_id': stage.id,
        })
        with self.assertRaisesRegex(UserError, self.draft.name):
            self.draft.user_id = self.heir
        self.order.user_id = self.heir
        self.lone.user_id = self.heir
        with self.assertRaisesRegex(UserError, "reason"):
            self._hand_over()
        handover = self.env['crm.handover'].search([('from_user_id', '=', self.leaver.id)])
        handover.line_ids.filtered('is_salesperson_locked').override_reason = "Leaves"
        handover.with_user(self.manager).action_start()
        self.assertEqual((self.draft + self.sent).user_id, self.heir)
        self.assertIn("Leaves", self.draft.message_ids[:1].body)

    def test_audit_of_quotations_and_invoices(self):
        checks = self.env['crm.pipeline.check'].with_context(active_test=False)
        expiring, unpaid = (
            checks.search([('code', '=', code)])
            for code in ('quotation_expiring', 'unpaid_invoice')
        )
        (expiring + unpaid).active = True
        today = fields.Date.today()
        self.draft.validity_date = self.sent.validity_date = today + timedelta(days=60)
        self.lone.validity_date = today + timedelta(days=14)
        invoice = self.order._create_invoices()
        invoice.invoice_date = invoice.invoice_date_due = today - timedelta(days=1)
        invoice.action_post()
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.manager)
            .create({'from_user_id': self.leaver.id})
        )
        handover = wizard.env['crm.handover'].browse(wizard.action_create()['res_id'])
        found = {
            check: handover.finding_ids.filtered(
                lambda one, check=check: one.check_id == check and one.state == 'open'
            ).mapped('subject')
            for check in expiring + unpaid
        }
        self.assertEqual(found, {expiring: ["Quiet"], unpaid: ["Acme"]})
        self.lone.validity_date = today + timedelta(days=15)
        invoice.invoice_date_due = today
        handover.action_audit()
        self.assertEqual(set(handover.finding_ids.mapped('state')), {'fixed'})
