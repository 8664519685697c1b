"""Keep the activities on quotations and orders of a user who leaves sales."""

from odoo import api, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    # === BUSINESS METHODS === #

    @api.model
    def _get_sales_activity_models(self):
        """Override to keep the activities on quotations and orders, too."""
        return [*super()._get_sales_activity_models(), 'sale.order']
