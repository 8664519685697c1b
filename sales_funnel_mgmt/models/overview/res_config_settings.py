"""Show the setting that hides the steps of the setup."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    show_sales_funnel_setup = fields.Boolean(
        related='company_id.show_sales_funnel_setup', readonly=False
    )
