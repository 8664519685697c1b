"""Test the fields that only the system writes."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged, users
from odoo.tools import mute_logger

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestSystemFields(TestQuotaRateCommon):
    """Every route refuses to write a field with `system=True`, with the same error."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_opportunity(user_id=cls.user_sales_salesman.id)
        cls.foreign = cls.env['res.partner'].create({'name': "Of another company"})

    def assertRefused(self, field_name, attempt):
        with (
            self.assertRaisesRegex(AccessError, field_name),
            mute_logger('odoo.orm.models', 'odoo.models'),
            self.env.cr.savepoint(),
        ):
            attempt()
            self.env.flush_all()

    @users('user_sales_salesman', 'user_sales_manager', 'admin')
    def test_every_route_is_refused_by_name(self):
        Lead = self.env['crm.lead']
        lead = self.lead.with_env(self.env)
        value = self.foreign.id
        routes = {
            'write': lambda: lead.write({'customer_id': value}),
            'assignment': lambda: setattr(lead, 'customer_id', value),
            'create': lambda: Lead.create({'name': "Mine", 'customer_id': value}),
            'copy': lambda: lead.copy({'customer_id': value}),
            'form': lambda: lead.web_save({'customer_id': value}, {}),
            'context': lambda: Lead.with_context(default_customer_id=value).create({
                'name': "Mine"
            }),
            'one2many': lambda: self.customer.with_env(self.env).write({
                'opportunity_ids': [Command.update(lead.id, {'customer_id': value})],
            }),
        }
        for name, attempt in routes.items():
            with self.subTest(route=name):
                self.assertRefused('customer_id', attempt)
        self.assertEqual(self.lead.customer_id, self.contact_company_1)

    @users('user_sales_salesman')
    @mute_logger('odoo.orm.models', 'odoo.models', 'odoo.sql_db')
    def test_import_is_refused_by_name(self):
        result = self.env['crm.lead'].load(
            ['.id', 'customer_id/.id'], [[str(self.lead.id), str(self.foreign.id)]]
        )
        self.assertFalse(result['ids'])
        self.assertIn('customer_id', result['messages'][0]['message'])

    @users('user_sales_salesman')
    def test_a_saved_default_is_ignored(self):
        self.env['ir.default'].set('crm.lead', 'customer_id', self.foreign.id, user_id=True)
        lead = self.env['crm.lead'].create({'name': "Mine", 'type': 'opportunity'})
        self.assertFalse(lead.customer_id)

    @users('user_sales_salesman')
    def test_a_new_form_tells_no_name(self):
        spec = {'name': {}, 'customer_id': {'fields': {'display_name': {}}}}
        values = self.env['crm.lead'].onchange({'customer_id': self.foreign.id}, [], spec)['value']
        self.assertFalse(values['customer_id'])
        context = {'default_customer_id': self.foreign.id}
        values = self.env['crm.lead'].with_context(**context).onchange({}, [], spec)['value']
        self.assertFalse(values['customer_id'])

    @users('user_sales_salesman')
    def test_forms_show_them_read_only(self):
        description = self.env['crm.lead'].fields_get(['customer_id', 'own_quota_rate', 'name'])
        self.assertTrue(description['customer_id']['readonly'])
        self.assertTrue(description['own_quota_rate']['readonly'])
        self.assertFalse(description['name']['readonly'])

    def test_own_defaults_stay(self):
        Handover = self.env['crm.handover'].with_user(self.user_sales_manager)
        names = ['state', 'name', 'started_at', 'reason']
        self.assertEqual(
            Handover.with_context(default_state='done').default_get(names),
            {'state': 'draft', 'name': "New", 'reason': 'departure'},
        )

    def test_copies_begin_with_the_defaults(self):
        quota = self.env['crm.sales.quota'].create({
            'user_id': self.user_sales_leads.id,
            'month': '2040-01-01',
            'amount': 10,
            'origin': 'spread',
            'state': 'confirmed',
        })
        copied = quota.with_user(self.user_sales_manager).copy({'month': '2040-02-01'})
        self.assertRecordValues(
            copied, [{'origin': 'manual', 'state': 'draft', 'confirmed_by_id': False}]
        )

    def test_the_system_writes_them(self):
        self.lead.sudo().customer_id = self.foreign
        self.assertEqual(self.lead.customer_id, self.foreign)
