"""Add audit checks about quotations and invoices of customers."""

from datetime import timedelta

from odoo import api, fields, models


class CrmPipelineCheck(models.Model):
    _inherit = 'crm.pipeline.check'

    code = fields.Selection(
        selection_add=[
            ('quotation_expiring', "Customer with a quotation about to expire (days)"),
            ('unpaid_invoice', "Customer with unpaid invoices"),
        ],
        ondelete={'quotation_expiring': 'cascade', 'unpaid_invoice': 'cascade'},
    )

    @api.model
    def _get_customer_codes(self):
        """Override to add the checks about quotations and invoices."""
        return super()._get_customer_codes() | {'quotation_expiring', 'unpaid_invoice'}

    def _find_quotation_expiring(self, customers):
        """Find customers with an open quotation that expires in the next days, or has expired."""
        limit = fields.Date.context_today(self) + timedelta(days=self.parameter or 14)
        return self._find_customers_of(
            customers,
            'sale.order',
            [('state', 'in', ('draft', 'sent')), ('validity_date', '<=', limit)],
        )

    def _find_unpaid_invoice(self, customers):
        """Find customers with a posted invoice that is due and not paid in full."""
        return self._find_customers_of(
            customers,
            'account.move',
            [
                ('move_type', '=', 'out_invoice'),
                ('state', '=', 'posted'),
                ('payment_state', 'in', ('not_paid', 'partial')),
                ('invoice_date_due', '<', fields.Date.context_today(self)),
            ],
        )

    @api.model
    def _find_customers_of(self, customers, model, domain):
        """Return the IDs of customers that have documents which the reader of the findings may read.

        :param res.partner customers: Customers, in the environment of the reader.
        :param str model: Model of the documents.
        :param list domain: Conditions of the documents.
        :rtype: set[int]
        """
        groups = customers.env[model]._read_group(
            [('partner_id.commercial_partner_id', 'in', customers.ids), *domain], ['partner_id']
        )
        # In sudo mode: the company above a contact may be closed to the reader.
        return {partner.sudo().commercial_partner_id.id for (partner,) in groups}
