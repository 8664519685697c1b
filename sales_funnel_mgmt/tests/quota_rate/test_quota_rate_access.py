"""Test the access to quota rates."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users
from odoo.tools import mute_logger

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestQuotaRateAccess(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rate = cls._create_rate(40, partner_id=cls.customer.id)
        cls.lead = cls._create_opportunity()
        cls.own_rate = {
            'has_own_quota_rate': True,
            'own_quota_rate': 90,
            'own_quota_rate_reason': "Mine",
        }

    @users('user_sales_salesman', 'user_sales_leads')
    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_salesperson_reads_rates_and_changes_none(self):
        rate = self.rate.with_env(self.env)
        stage = self.stage_open.with_env(self.env)
        self.assertEqual((rate.rate, stage.quota_rate), (40, 20))
        with self.assertRaises(AccessError):
            rate.rate = 50
        with self.assertRaises(AccessError):
            rate.unlink()
        with self.assertRaises(AccessError):
            self.env['crm.quota.rate'].create({
                'stage_id': stage.id,
                'team_id': self.sales_team_1.id,
                'rate': 50,
            })
        with self.assertRaises(AccessError):
            stage.quota_rate = 50
        with self.assertRaises(AccessError):
            stage.write({'quota_rate_ids': [Command.update(rate.id, {'rate': 50})]})

    @users('user_sales_salesman', 'user_sales_leads')
    @mute_logger('odoo.orm.models', 'odoo.models')
    def test_salesperson_sets_no_own_rate(self):
        """A salesperson sets no own rate: by a write, at creation, or by saved or sent defaults."""
        Lead = self.env['crm.lead']
        lead = Lead.create({'name': "Mine", 'type': 'opportunity', 'user_id': self.env.uid})
        for name, value in self.own_rate.items():
            with self.subTest(name=name), self.assertRaises(AccessError):
                lead.write({name: value})
            with self.subTest(name=name), self.assertRaises(AccessError):
                Lead.create({'name': "Mine", name: value})
            with self.subTest(name=name), self.assertRaises(AccessError):
                Lead.with_context(**{f'default_{name}': value}).create({'name': "Mine"})
            self.env['ir.default'].set('crm.lead', name, value, user_id=True)
        lead = Lead.create({'name': "Mine", 'type': 'opportunity', 'user_id': self.env.uid})
        self.assertFalse(lead.has_own_quota_rate)
        self.assertNotEqual(lead.quota_rate_origin, 'opportunity')

    @users('user_sales_salesman', 'user_sales_manager')
    @mute_logger('odoo.orm.models', 'odoo.models')
    def test_nobody_writes_the_applied_rate(self):
        Lead = self.env['crm.lead']
        lead = Lead.create({'name': "Mine", 'type': 'opportunity', 'user_id': self.env.uid})
        for name, value in (
            ('quota_rate', 90),
            ('quota_rate_origin', 'customer'),
            ('quota_amount', 1_000_000),
            ('own_quota_rate_stage_id', self.stage_late.id),
            ('customer_id', self.contact_2.id),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                lead.write({name: value})
            with self.subTest(name=name), self.assertRaises(AccessError):
                Lead.with_context(**{f'default_{name}': value}).create({'name': "Mine"})
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.customer.with_env(self.env).write({
                    'opportunity_ids': [Command.update(lead.id, {name: value})],
                })
            self.env['ir.default'].set('crm.lead', name, value, user_id=True)
        lead = Lead.create({
            'name': "Mine",
            'type': 'opportunity',
            'stage_id': self.stage_open.id,
            'expected_revenue': 100,
        })
        self.assertQuota(lead, 20, 'stage', 20)

    @users('user_sales_salesman')
    @mute_logger('odoo.orm.models', 'odoo.models')
    def test_import_is_no_way_round(self):
        result = self.env['crm.lead'].load(
            ['name', 'has_own_quota_rate', 'own_quota_rate', 'own_quota_rate_reason'],
            [["Imported", "1", "90", "Mine"]],
        )
        self.assertFalse(result['ids'])
        self.assertFalse(self.env['crm.lead'].search([('name', '=', "Imported")]))

    @users('user_sales_manager')
    def test_administrator_sets_rates(self):
        self.lead.with_env(self.env).write(self.own_rate)
        self.assertQuota(self.lead, 90, 'opportunity', 4_500_000)
        self.rate.with_env(self.env).rate = 45
        self.stage_open.with_env(self.env).quota_rate = 15
        self.lead.with_env(self.env).has_own_quota_rate = False
        self.assertQuota(self.lead, 45, 'customer', 2_250_000)

    @users('user_sales_salesman')
    def test_form_is_read_only_for_the_salesperson(self):
        description = self.env['crm.lead'].fields_get(
            ['has_own_quota_rate', 'quota_rate'], attributes=['readonly']
        )
        self.assertTrue(description['has_own_quota_rate']['readonly'])
        self.assertTrue(description['quota_rate']['readonly'])

    @users('user_sales_leads')
    def test_salesperson_creates_and_edits_as_before(self):
        with Form(self.env['crm.lead'].with_context(default_type='opportunity')) as form:
            form.name = "Mine"
            form.expected_revenue = 100
        with Form(form.record) as form:
            form.stage_id = self.stage_late.with_env(self.env)
        self.assertQuota(form.record, 60, 'stage', 60)


@tagged('post_install', '-at_install', 'quota_rate', 'multi_company')
class TestQuotaRateCompanies(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._activate_multi_company()
        cls.foreign_lead = cls._create_opportunity(
            user_id=False,
            team_id=cls.team_company2.id,
            company_id=cls.company_2.id,
            partner_id=cls.contact_company.id,
        )
        cls.foreign_rate = cls._create_rate(
            70,
            partner_id=cls.contact_company.id,
            company_id=cls.company_2.id,
        )
        # A user of the main company only.
        cls.user_sales_manager.write({
            'company_id': cls.company_main.id,
            'company_ids': [Command.set(cls.company_main.ids)],
        })

    def test_rates_stay_in_their_company(self):
        self.assertQuota(self.foreign_lead, 70, 'customer', 3_500_000)
        home_lead = self._create_opportunity(
            partner_id=self.contact_company.id,
            company_id=self.company_main.id,
        )
        self.assertQuota(home_lead, 20, 'stage', 1_000_000)
        shared_lead = self._create_opportunity(
            partner_id=self.contact_company.id,
            user_id=False,
            team_id=False,
            company_id=False,
        )
        self.assertQuota(shared_lead, 20, 'stage', 1_000_000)

    def test_new_rate_is_of_the_current_company(self):
        rate = (
            self
            .env['crm.quota.rate']
            .with_user(self.user_sales_manager)
            .create({
                'stage_id': self.stage_open.id,
                'partner_id': self.contact_company.id,
                'rate': 30,
            })
        )
        self.assertEqual(rate.company_id, self.company_main)
        self.assertQuota(self.foreign_lead, 70, 'customer', 3_500_000)

    def test_rate_of_a_team_is_of_its_company(self):
        rate = self._create_rate(30, team_id=self.team_company2.id)
        self.assertEqual(rate.company_id, self.company_2)

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_foreign_records_are_closed(self):
        rate = self.foreign_rate.with_user(self.user_sales_manager)
        with self.assertRaises(AccessError):
            rate.rate = 10
        self.assertFalse(rate.search([('id', '=', rate.id)]))
        with self.assertRaises(AccessError):
            self.foreign_lead.with_user(self.user_sales_manager).write({
                'has_own_quota_rate': True,
                'own_quota_rate': 1,
                'own_quota_rate_reason': "Ours",
            })

    def test_stage_rate_reaches_opportunities_that_its_editor_may_not_see(self):
        self.foreign_rate.unlink()
        self.stage_open.with_user(self.user_sales_manager).quota_rate = 50
        self.assertQuota(self.foreign_lead, 50, 'stage', 2_500_000)
