"""Sales orders: in the quota report, at their opportunities, and with a salesperson who works here."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.sales_funnel_mgmt.models.base.naming import list_some
from odoo.addons.sales_funnel_mgmt.models.base.orm import get_changed_ids


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['sale.order', 'crm.salesperson.lock.mixin']

    is_salesperson_locked = fields.Boolean(
        string="Salesperson Locked",
        compute='_compute_is_salesperson_locked',
        compute_sudo=True,
        help="The salesperson cannot be changed: an opportunity of the customer is in a stage with the "
        "salesperson lock. The way through is a handover by a sales administrator. Confirmed orders "
        "are not locked.",
    )

    # The actuals consist of confirmed orders by date.
    _quota_actual_idx = models.Index("(date_order) WHERE state = 'sale'")

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'partner_id', 'state')
    def _compute_is_salesperson_locked(self):
        locked = self._origin._filter_salesperson_locked()
        for order in self:
            order.is_salesperson_locked = order._origin in locked

    def _compute_user_id(self):
        """Override so that no new quotation goes to a salesperson who has left."""
        result = super()._compute_user_id()
        Book = self.env['crm.book']
        for order in self:
            user = order.user_id
            if (
                user
                and user != order._origin.user_id
                and not user._works_in_sales(order.company_id)
            ):
                order.user_id = Book._find_successor(
                    user, order.partner_id, order.opportunity_id.team_id, order.company_id
                )
        return result

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        """Override so that a copy of a quotation does not go to a salesperson who has left."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            # In sudo mode: the salesperson may be closed to the user.
            user_sudo = order.sudo().user_id
            if user_sudo.id == vals.get('user_id') and not user_sudo._works_in_sales(
                order.company_id
            ):
                del vals['user_id']
        return vals_list

    def write(self, vals):
        """Override to check changes of salesperson against the lock."""
        self._check_salesperson_change(vals)
        return super().write(vals)

    def _flush(self):
        """Override to check the salespeople, and to count the messages for another opportunity."""
        changed_ids = self._check_pending_salespeople()
        moved_ids = get_changed_ids(self, ['opportunity_id'])
        result = super()._flush()
        self._forget_checked_salespeople(changed_ids)
        self.env['crm.communication']._schedule_recount('sale.order', moved_ids)
        return result

    # === BUSINESS METHODS === #

    def _filter_salesperson_locked(self):
        """Override to store first what the query reads."""
        self.flush_recordset(['user_id', 'partner_id', 'state'])
        return super()._filter_salesperson_locked()

    @api.model
    def _find_salesperson_locks(self, ids):
        """Override to find the open quotations of customers that have a locked opportunity."""
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        return self.env.execute_query(
            SQL(
                """
                SELECT sale.id, sale.user_id
                  FROM sale_order sale
                  JOIN res_partner partner ON partner.id = sale.partner_id
                 WHERE sale.id = ANY(%(ids)s)
                   AND sale.state IN ('draft', 'sent')
                   AND sale.user_id IS NOT NULL
                   AND %(is_locked)s
                """,
                ids=ids,
                is_locked=self.env['crm.lead']._is_customer_locked(
                    SQL.identifier('partner', 'commercial_partner_id')
                ),
            )
        )

    @api.model
    def _raise_salesperson_locked(self, records_sudo):
        """Override to list the quotations with their customers."""
        raise UserError(
            self.env._(
                "The salesperson cannot be changed: the customers of these quotations have an "
                "opportunity in a stage with the salesperson lock.\n\n"
                "%(quotations)s\n\n"
                "Start a handover of these customers, or ask a sales administrator for one.",
                quotations=list_some(
                    self.env,
                    records_sudo,
                    name=lambda order: f"{order.name} ({order.partner_id.display_name})",
                ),
            )
        )
