"""Provide sales orders for the tests."""

from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.sales_funnel_mgmt.tests.sales_quota.common import TestSalesQuotaCommon


class TestQuotaActualCommon(TestSalesQuotaCommon):
    """Common class for tests with sales orders of the salespeople of `TestSalesQuotaCommon`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['sale.order'].search([
            ('user_id', 'in', (cls.seller + cls.other_seller).ids)
        ]).user_id = False
        cls.company.quota_actual_source = 'order'
        cls.product = cls.env['product.product'].create({
            'name': "Machine",
            'type': 'service',
            'invoice_policy': 'order',
            'taxes_id': [Command.clear()],
        })
        cls.tax = cls.env['account.tax'].create({
            'name': "Ten",
            'amount': 10,
            'country_id': (cls.company.country_id or cls.env.ref('base.us')).id,
        })

    @classmethod
    def _create_order(cls, amount, day=None, **values):
        order = cls.env['sale.order'].create({
            'partner_id': cls.customer.id,
            'user_id': cls.seller.id,
            'team_id': cls.sales_team_1.id,
            'order_line': [
                Command.create({
                    'product_id': cls.product.id,
                    'product_uom_qty': 1,
                    'price_unit': amount,
                    'tax_ids': [Command.set(cls.tax.ids)],
                })
            ],
            **values,
        })
        if day:
            with freeze_time(day):
                order.action_confirm()
        return order
