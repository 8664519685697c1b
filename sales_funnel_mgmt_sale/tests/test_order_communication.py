"""Contacts in the chatter of a quotation count for its opportunity."""

from odoo.tests import tagged

from .common import TestQuotaActualCommon


@tagged('post_install', '-at_install')
class TestOrderCommunication(TestQuotaActualCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "buyer@customer.example.net"
        cls.leads = cls.env['crm.lead'].create([
            {
                'name': name,
                'type': 'opportunity',
                'user_id': cls.seller.id,
                'partner_id': cls.customer.id,
            }
            for name in ("Machine", "Other machine")
        ])
        cls.lead, cls.other_lead = cls.leads

    def _send(self, order, **values):
        with self.mock_mail_gateway():
            message = order.with_user(self.seller).message_post(
                body="Our offer",
                message_type='comment',
                subtype_xmlid='mail.mt_comment',
                partner_ids=self.customer.ids,
                **values,
            )
        self.env.cr.flush()
        return message

    def _get_contacts(self, lead=None):
        self.env.invalidate_all()
        rows = self.env['crm.communication.report'].search(
            [('lead_id', 'in', (lead or self.leads).ids)], order='id'
        )
        return [(row.lead_id, row.kind, row.direction, row.user_id) for row in rows]

    def test_quotation_that_is_mailed(self):
        order = self._create_order(100, opportunity_id=self.lead.id)
        self._send(order)
        self.assertEqual(self._get_contacts(), [(self.lead, 'email', 'out', self.seller)])
        self.assertIn(self.lead.id, self.lead._get_last_contacts(self.lead.ids))
        [report] = self.env['crm.communication.report'].search([('lead_id', '=', self.lead.id)])
        action = report.action_open_source()
        self.assertEqual((action['res_model'], action['res_id']), ('sale.order', order.id))

    def test_answers_calls_and_emails_of_an_order(self):
        order = self._create_order(100, opportunity_id=self.lead.id)
        self._send(order)
        order.message_post(
            body="Thank you",
            message_type='email',
            subtype_xmlid='mail.mt_comment',
            author_id=self.customer.id,
        )
        # the e-mail counts already, whichever document its activity is on
        for document in self.lead, order:
            document.activity_schedule(
                'mail.mail_activity_data_call', user_id=self.seller.id
            ).with_user(self.seller).action_done()
        self.lead.activity_schedule(
            'mail.mail_activity_data_email', user_id=self.seller.id
        ).with_user(self.seller).action_done()
        self.env.cr.flush()
        self.assertEqual(
            self._get_contacts(),
            [
                (self.lead, 'email', 'out', self.seller),
                (self.lead, 'email', 'in', self.seller),
                (self.lead, 'call', 'out', self.seller),
                (self.lead, 'call', 'out', self.seller),
            ],
        )

    def test_order_comes_to_another_opportunity(self):
        order = self._create_order(100)
        self._send(order)
        self.assertFalse(self._get_contacts())
        for lead in (self.lead, self.other_lead):
            order.opportunity_id = lead
            self.env.cr.flush()
            self.assertEqual(self._get_contacts(), [(lead, 'email', 'out', self.seller)])
        order.opportunity_id = False
        self.env.cr.flush()
        self.assertFalse(self._get_contacts())
        order.opportunity_id = self.lead
        self.env.cr.flush()
        order.unlink()
        self.env.cr.flush()
        self.assertFalse(self._get_contacts())

    def test_orders_of_merged_opportunities(self):
        order = self._create_order(100, opportunity_id=self.lead.id)
        self._send(order)
        self.other_lead.user_id = self.other_seller
        before = self._get_contacts()
        self.leads.merge_opportunity(auto_unlink=True)
        self.env.cr.flush()
        survivor = self.leads.exists()
        self.assertEqual(order.opportunity_id, survivor)
        [row] = self.env['crm.communication.report'].search([('lead_id', '=', survivor.id)])
        self.assertEqual(row.owner_id, self.seller)
        self.assertEqual(
            [contact[1:] for contact in before], [(row.kind, row.direction, row.user_id)]
        )
