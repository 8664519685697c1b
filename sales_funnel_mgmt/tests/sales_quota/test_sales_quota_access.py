"""Test the access to sales quotas."""

from odoo.exceptions import AccessError
from odoo.tests import tagged, users

from .common import TestSalesQuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestSalesQuotaAccess(TestSalesQuotaCommon):
    """Salespeople read their own quotas, users with all documents read all, administrators write."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_opportunity(user_id=cls.other_seller.id, date_deadline='2026-07-20')
        cls._create_opportunity(date_deadline='2026-07-20')
        cls.quotas = cls.env['crm.sales.quota']._take_from_funnel(
            cls.seller + cls.other_seller, cls.company, cls.months[:1], 'even'
        )
        cls.quotas.action_confirm()
        for quota in cls.quotas:
            quota.revise(quota.amount + 1, "One more")
        cls.own = cls.quotas.filtered(lambda quota: quota.user_id == cls.other_seller)
        cls.others = cls.quotas - cls.own
        cls.team_quota = cls._create_quota(
            5, user=cls.env['res.users'], team_id=cls.sales_team_1.id
        )
        cls.draft = cls._create_quota(7, user=cls.other_seller, month='2026-08-01')
        cls._win(100, '2026-07-10 10:00:00')
        cls._win(200, '2026-07-10 10:00:00', user_id=cls.other_seller.id)
        cls.all_quotas = cls.quotas + cls.team_quota + cls.draft

    def _read(self, model, domain=()):
        ours = {
            'crm.sales.quota': [('id', 'in', self.all_quotas.ids)],
            'crm.sales.quota.line': [('quota_id', 'in', self.all_quotas.ids)],
            'crm.sales.quota.revision': [('quota_id', 'in', self.all_quotas.ids)],
            'crm.quota.report': [('user_id', 'in', (self.seller + self.other_seller).ids)],
        }
        records = self.env[model].search([*ours[model], *domain])
        records.read()
        return records

    @users('user_sales_salesman')
    def test_salesperson_reads_their_own(self):
        self.assertEqual(self._read('crm.sales.quota'), self.own + self.draft)
        self.assertEqual(self._read('crm.sales.quota.line').quota_id, self.own)
        self.assertEqual(self._read('crm.sales.quota.revision').quota_id, self.own)
        self.assertEqual(self._read('crm.quota.report').user_id, self.env.user)
        with self.assertRaises(AccessError):
            self.others.with_env(self.env).read(['amount'])
        with self.assertRaises(AccessError):
            self.team_quota.with_env(self.env).read(['amount'])

    @users('user_sales_leads')
    def test_all_documents_reads_all(self):
        self.assertEqual(self._read('crm.sales.quota'), self.all_quotas)
        self.assertEqual(self._read('crm.sales.quota.line').quota_id, self.quotas)
        self.assertEqual(self._read('crm.sales.quota.revision').quota_id, self.quotas)
        self.assertEqual(self._read('crm.quota.report').user_id, self.seller + self.other_seller)

    @users('user_sales_manager')
    def test_companies_apart(self):
        elsewhere = self.env['res.company'].sudo().create({'name': "Elsewhere"})
        self.env.user.sudo().company_ids += elsewhere
        self.assertTrue(self._read('crm.sales.quota'))
        self.env = self.env(context={**self.env.context, 'allowed_company_ids': elsewhere.ids})
        for model in (
            'crm.sales.quota',
            'crm.sales.quota.line',
            'crm.sales.quota.revision',
            'crm.quota.report',
        ):
            with self.subTest(model):
                self.assertFalse(self._read(model))

    @users('user_sales_salesman', 'user_sales_leads')
    def test_only_administrators_write(self):
        quota, draft = self.own.with_env(self.env), self.draft.with_env(self.env)
        Quota = self.env['crm.sales.quota']
        attempts = [
            lambda: draft.write({'amount': 1}),
            lambda: draft.write({'state': 'confirmed'}),
            draft.unlink,
            draft.action_confirm,
            lambda: quota.revise(1, "Less work"),
            lambda: Quota.create({'month': '2026-10-01', 'user_id': self.env.uid, 'amount': 1}),
            lambda: Quota.set_grid_amount(False, self.env.uid, '2026-10-01', 1),
            lambda: Quota.set_grid_amount(False, self.other_seller.id, '2026-08-01', 1),
            lambda: Quota.set_grid_amount(False, self.other_seller.id, '2026-08-01', False),
            lambda: Quota.with_context(install_mode=True).create({'amount': 1}),
            lambda: self.env['crm.sales.quota.enter'].create({'amount': 1}),
            lambda: self.env['crm.sales.quota.revise'].create({'quota_id': quota.id}),
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(attempt=number),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()

    @users('user_sales_manager', 'admin')
    def test_nobody_writes_what_explains(self):
        for record in (self.own.line_ids, self.own.revision_ids):
            mine = record.with_env(self.env)[:1]
            attempts = [
                lambda mine=mine: mine.write({'amount': 1}),
                mine.unlink,
                mine.copy,
                lambda mine=mine: self.draft.with_env(self.env).write({
                    ('line_ids' if 'line' in mine._name else 'revision_ids'): [(4, mine.id, 0)]
                }),
            ]
            for number, attempt in enumerate(attempts):
                with (
                    self.subTest(mine._name, attempt=number),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    attempt()
                    self.env.flush_all()

    def test_without_sales_rights(self):
        stranger = self.env['res.users'].create({'name': "Stranger", 'login': 'stranger'})
        for model in ('crm.sales.quota', 'crm.sales.quota.line', 'crm.quota.report'):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])
        with self.assertRaises(AccessError):
            self.env['crm.quota.report'].with_user(stranger).get_my_quota()
        with self.assertRaises(AccessError):
            self.env['crm.sales.quota'].with_user(stranger).get_grid()
