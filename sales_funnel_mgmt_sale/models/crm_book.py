"""Add quotations and orders to the books of salespeople."""

from odoo import api, models

from odoo.addons.sales_funnel_mgmt.models.book.book_kind import BookKind


class CrmBook(models.AbstractModel):
    _inherit = 'crm.book'

    @api.model
    def _get_kinds(self):
        """Override to add quotations, which are handed over, and orders, which stay as they are."""
        to_finish = [
            '|',
            ('invoice_status', '=', 'to invoice'),
            ('invoice_status', '=', 'upselling'),
        ]
        if 'delivery_status' in self.env['sale.order']._fields:
            to_finish = [
                '|',
                ('delivery_status', 'in', ('pending', 'started', 'partial')),
                *to_finish,
            ]
        return [
            *super()._get_kinds(),
            BookKind(
                'quotation',
                self.env._("Quotation"),
                'sale.order',
                domain=[('state', 'in', ('draft', 'sent'))],
                team_field='team_id',
            ),
            BookKind(
                'order',
                self.env._("Order to Deliver or Invoice"),
                'sale.order',
                domain=[('state', '=', 'sale'), *to_finish],
                team_field='team_id',
                is_moved=False,
            ),
        ]
