"""Test the access to orders in the quota report."""

from odoo.tests import tagged, users

from .common import TestQuotaActualCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaActualAccess(TestQuotaActualCommon):
    """The record rules of the report also apply to its orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_order(100, '2026-07-10 10:00:00')
        cls._create_order(200, '2026-07-10 10:00:00', user_id=cls.other_seller.id)
        cls._create_order(400, '2026-07-10 10:00:00', user_id=False)

    def _read(self):
        return self.env['crm.quota.report'].search([
            ('kind', '=', 'order'),
            ('date', '=', '2026-07-10'),
            ('user_id', 'in', [*(self.seller + self.other_seller).ids, False]),
        ])

    @users('user_sales_salesman')
    def test_salesperson_reads_their_own(self):
        self.assertEqual(self._read().mapped('actual'), [200])
        figures = self.env['crm.quota.report'].get_my_quota()
        self.assertEqual(figures['periods'][0]['actual'], 200)

    @users('user_sales_leads', 'user_sales_manager')
    def test_all_documents_reads_all(self):
        self.assertLessEqual({100, 200, 400}, set(self._read().mapped('actual')))

    @users('user_sales_manager')
    def test_companies_apart(self):
        elsewhere = self.env['res.company'].sudo().create({'name': "Elsewhere"})
        self.env.user.sudo().company_ids += elsewhere
        self.env = self.env(context={**self.env.context, 'allowed_company_ids': elsewhere.ids})
        self.assertFalse(self._read())
