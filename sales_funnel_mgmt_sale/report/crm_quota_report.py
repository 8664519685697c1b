"""Add sales orders and invoices to the actuals of the quota report."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sales_funnel_mgmt.models.base.tools import get_company_of, join_owner
from odoo.addons.sales_funnel_mgmt.models.quota_rate.amount import get_quota_amount_sql

# Numbers of the parts that this module adds, see `_select`.
ORDERS, INVOICES, OUTSTANDING = 3, 4, 6


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
        'sale.order.line': ['order_id', 'invoice_lines'],
        'account.move.line': ['move_id', 'balance'],
        'crm.lead': ['expected_revenue', 'quota_rate'],
    }

    kind = fields.Selection(
        selection_add=[
            ('order', "Sales Order"),
            ('invoice', "Invoice"),
            ('outstanding', "Won, to Be Ordered or Invoiced"),
            ('open',),
        ],
    )
    actual = fields.Monetary(
        help="Orders really taken, as each company has chosen in its settings. Confirmed sales "
        "orders: untaxed amount on the order date, in the currency of the company at the rate of "
        "that day. Posted invoices: untaxed amount less credit notes, on the invoice date. Won "
        "opportunities: expected revenue on the day they were won.",
    )
    open_quota_amount = fields.Monetary(
        help="Quota amounts (expected revenue × quota rate) of the open opportunities that are "
        "expected to close in the period. Those that should have closed are expected today. In "
        "companies whose actuals are orders or invoices: without what has been ordered or invoiced "
        "already, and with what was won in the period and is still to be ordered or invoiced.",
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
        if company_ids['order'] or company_ids['invoice']:
            parts.append(self._select_outstanding(company_ids))
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
            self._get_orders(company_ids),
            id=SQL("sale.id"),
            kind=SQL("'order'"),
            date=self._to_date(SQL("sale.date_order"), SQL("sale.company_id")),
            user_id=SQL("sale.user_id"),
            team_id=SQL("sale.team_id"),
            company_id=SQL("sale.company_id"),
            actual=self._get_order_amount(),
            lead_id=SQL("sale.opportunity_id"),
            order_id=SQL("sale.id"),
        )

    @api.model
    def _get_orders(self, company_ids):
        """Return the clauses FROM and WHERE of confirmed orders (`sale`) of companies."""
        return SQL(
            """
            FROM sale_order sale
            JOIN res_company company ON company.id = sale.company_id
            JOIN res_currency currency ON currency.id = company.currency_id
           WHERE sale.state = 'sale'
             AND sale.company_id = ANY(%s)
            """,
            company_ids,
        )

    @api.model
    def _get_order_amount(self):
        """Return the untaxed amount of an order of `_get_orders`, in the currency of its company."""
        return SQL(
            """ROUND((sale.amount_untaxed
                      / COALESCE(NULLIF(sale.currency_rate, 0), 1))::numeric,
                     currency.decimal_places)"""
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

    # === OPPORTUNITIES === #

    @api.model
    def _get_open_amount(self):
        """Override to leave out what is an actual already: it must not count twice."""
        company_ids = self._get_company_ids_by_source()
        if not (company_ids['order'] or company_ids['invoice']):
            return super()._get_open_amount()
        amount, join = super()._get_open_amount()
        rest = get_quota_amount_sql(
            SQL("GREATEST(lead.expected_revenue - taken.amount, 0)"),
            SQL("lead.quota_rate"),
            SQL(
                """(SELECT currency.rounding
                      FROM res_company company
                      JOIN res_currency currency ON currency.id = company.currency_id
                     WHERE company.id = COALESCE(%s, %s))""",
                get_company_of('lead'),
                self.env.company.id,
            ),
        )
        return (
            SQL("CASE WHEN taken.amount > 0 THEN %s ELSE %s END", rest, amount),
            SQL(
                "%s LEFT JOIN (%s) AS taken ON taken.opportunity_id = lead.id",
                join,
                self._query_taken(company_ids),
            ),
        )

    @api.model
    def _select_outstanding(self, company_ids):
        """Return the query of wins of which an order or an invoice is still to come.

        They are no actuals yet. They count on the day of the win, with what its orders amount to,
        or the expected revenue as long as there is no order, less what is an actual already.
        """
        rest = SQL(
            """COALESCE(ordered.amount, stay.won_amount + COALESCE(correction.amount, 0))
               - COALESCE(taken.amount, 0)"""
        )
        return self._select(
            OUTSTANDING,
            SQL(
                """
                FROM crm_stage_history stay %(join_owner)s
           LEFT JOIN (%(taken)s) AS taken ON taken.opportunity_id = stay.lead_id
           LEFT JOIN (%(ordered)s) AS ordered ON ordered.opportunity_id = stay.lead_id
           LEFT JOIN (SELECT stay_id, SUM(amount) AS amount
                        FROM crm_win_correction
                    GROUP BY stay_id) AS correction ON correction.stay_id = stay.id
               WHERE stay.is_win
                 AND stay.lead_id IS NOT NULL
                 AND COALESCE(%(company)s, %(company_id)s) = ANY(%(company_ids)s)
                 AND %(rest)s > 0
                """,
                join_owner=join_owner('stay'),
                taken=self._query_taken(company_ids),
                ordered=self._query_by_opportunity(
                    self._query_orders(company_ids['order'] + company_ids['invoice'])
                ),
                company=get_company_of('stay'),
                company_id=self.env.company.id,
                company_ids=company_ids['order'] + company_ids['invoice'],
                rest=rest,
            ),
            id=SQL("stay.id"),
            kind=SQL("'outstanding'"),
            date=self._to_date(SQL("stay.entered_at"), get_company_of('stay')),
            user_id=SQL("stay.user_id"),
            team_id=SQL("stay.team_id"),
            company_id=get_company_of('stay'),
            open_quota_amount=rest,
            lead_id=SQL("stay.lead_id"),
        )

    @api.model
    def _query_taken(self, company_ids):
        """Return the query of the actuals of opportunities: opportunity_id, amount."""
        return self._query_by_opportunity(
            SQL(
                "%s UNION ALL %s",
                self._query_orders(company_ids['order']),
                self._query_invoices(company_ids['invoice']),
            )
        )

    @api.model
    def _query_by_opportunity(self, query):
        return SQL(
            "SELECT opportunity_id, SUM(amount) AS amount FROM (%s) AS part GROUP BY opportunity_id",
            query,
        )

    @api.model
    def _query_orders(self, company_ids):
        return SQL(
            "SELECT sale.opportunity_id, %s AS amount %s AND sale.opportunity_id IS NOT NULL",
            self._get_order_amount(),
            self._get_orders(company_ids),
        )

    @api.model
    def _query_invoices(self, company_ids):
        """Return the query of the posted lines of invoices of orders, in the currency of the company."""
        return SQL(
            """
            SELECT opportunity_id, -balance AS amount
              FROM (
                -- An item of several lines of an order counts once.
                SELECT DISTINCT sale.opportunity_id, item.id, item.balance
                  FROM sale_order sale
                  JOIN sale_order_line line ON line.order_id = sale.id
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move invoice ON invoice.id = item.move_id
                 WHERE sale.opportunity_id IS NOT NULL
                   AND invoice.state = 'posted'
                   AND invoice.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND invoice.company_id = ANY(%s)
                   ) AS invoiced
            """,
            company_ids,
        )

    # === ACTION METHODS === #

    def _get_source(self):
        return self.order_id or self.invoice_id or super()._get_source()
