from odoo import models


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    # confirmed orders by date, which is what the actual is made of
    _quota_actual_idx = models.Index("(date_order) WHERE state = 'sale'")
