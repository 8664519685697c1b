"""Index the confirmed sales orders for the quota report."""

from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # The actuals consist of confirmed orders by date.
    _quota_actual_idx = models.Index("(date_order) WHERE state = 'sale'")
