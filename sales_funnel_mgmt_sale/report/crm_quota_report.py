"""Add sales orders and invoices to the actuals of the quota report."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sales_funnel_mgmt.models.base.tools import get_company_of

# Numbers of the parts that this module adds, see `_select`.
ORDERS, INVOICES = 3, 4


class CrmQuotaReport(models.Model):
    """Extend the report by the actuals that companies have chosen: sales orders or invoices."""

    _inherit = 'crm.quota.report'
    _depends = {
        'res.company': ['quota_actual_source'],
        'sale.order': [
            'state',
            'date_order',
            'user_id',
            'team_id',
            'company_id',
            'amount_untaxed',
            'currency_rate',
            'opportunity_id',
        ],
        'account.move': [
            'state',
            'move_type',
            'invoice_date',
            'invoice_user_id',
            'team_id',
            'company_id',
            'amount_untaxed_signed',
        ],
    }

    kind = fields.Selection(
        selection_add=[('order', "Sales Order"), ('invoice', "Invoice"), ('open',)],
    )
    actual = fields.Monetary(
        help="Orders really taken, as each company has chosen in its settings. Confirmed sales "
        "orders: untaxed amount on the order date, in the currency of the company at the rate of "
        "that day. Posted invoices: untaxed amount less credit notes, on the invoice date. Won "
        "opportunities: expected revenue on the day they were won.",
    )
    order_id = fields.Many2one(
        comodel_name='sale.order',
        string="Sales Order",
        readonly=True,
        help="The sales order of this row.",
    )
    invoice_id = fields.Many2one(
        comodel_name='account.move',
        readonly=True,
        help="The invoice or credit note of this row.",
    )

    # === QUERY === #

    @api.model
    def _get_columns(self):
        return (*super()._get_columns(), ('order_id', 'int4'), ('invoice_id', 'int4'))

    @api.model
    def _get_parts(self):
        """Add the sources of actuals that companies have chosen."""
        parts = super()._get_parts()
        company_ids = self._get_company_ids_by_source()
        if company_ids['order']:
            parts.append(self._select_orders(company_ids['order']))
        if company_ids['invoice']:
            parts.append(self._select_invoices(company_ids['invoice']))
        return parts

    @api.model
    def _get_company_ids_by_source(self):
        # In sudo mode: the rows of the report must not depend on the companies that the user may
        # access. The choice of a company is not confidential.
        companies_sudo = self.env['res.company'].sudo().with_context(active_test=False)
        found = companies_sudo._read_group([], ['quota_actual_source'], ['id:array_agg'])
        return {'won': [], 'order': [], 'invoice': [], **dict(found)}

    @api.model
    def _get_win_condition(self):
        """Count won opportunities only in the companies that have chosen them.

        Opportunities with neither company nor salesperson follow the current company of the user."""
        return SQL(
            "COALESCE(%s, %s) = ANY(%s)",
            get_company_of('stay'),
            self.env.company.id,
            self._get_company_ids_by_source()['won'],
        )

    @api.model
    def _select_orders(self, company_ids):
        """Return the query of confirmed orders, with the salesperson of the order."""
        return self._select(
            ORDERS,
            SQL(
                """
                FROM sale_order sale
                JOIN res_company company ON company.id = sale.company_id
                JOIN res_currency currency ON currency.id = company.currency_id
               WHERE sale.state = 'sale'
                 AND sale.company_id = ANY(%s)
                """,
                company_ids,
            ),
            id=SQL("sale.id"),
            kind=SQL("'order'"),
            date=self._to_date(SQL("sale.date_order"), SQL("sale.company_id")),
            user_id=SQL("sale.user_id"),
            team_id=SQL("sale.team_id"),
            company_id=SQL("sale.company_id"),
            actual=SQL(
                """ROUND((sale.amount_untaxed
                          / COALESCE(NULLIF(sale.currency_rate, 0), 1))::numeric,
                         currency.decimal_places)"""
            ),
            lead_id=SQL("sale.opportunity_id"),
            order_id=SQL("sale.id"),
        )

    @api.model
    def _select_invoices(self, company_ids):
        """Return the query of posted invoices and credit notes, in the currency of the company."""
        return self._select(
            INVOICES,
            SQL(
                """
                FROM account_move invoice
               WHERE invoice.state = 'posted'
                 AND invoice.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                 AND invoice.company_id = ANY(%s)
                """,
                company_ids,
            ),
            id=SQL("invoice.id"),
            kind=SQL("'invoice'"),
            date=SQL("invoice.invoice_date"),
            user_id=SQL("invoice.invoice_user_id"),
            team_id=SQL("invoice.team_id"),
            company_id=SQL("invoice.company_id"),
            actual=SQL("invoice.amount_untaxed_signed"),
            invoice_id=SQL("invoice.id"),
        )

    # === ACTION METHODS === #

    def _get_source(self):
        return self.order_id or self.invoice_id or super()._get_source()
