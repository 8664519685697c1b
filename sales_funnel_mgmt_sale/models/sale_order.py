"""Index the confirmed sales orders for the quota report, and follow the opportunities of orders."""

from odoo import models

from odoo.addons.sales_funnel_mgmt.models.base.orm import get_changed_ids


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # The actuals consist of confirmed orders by date.
    _quota_actual_idx = models.Index("(date_order) WHERE state = 'sale'")

    # === CRUD METHODS === #

    def _flush(self):
        """Override to count the messages of orders that come to another opportunity."""
        ids = get_changed_ids(self, ['opportunity_id'])
        result = super()._flush()
        self.env['crm.communication']._schedule_recount('sale.order', ids)
        return result
