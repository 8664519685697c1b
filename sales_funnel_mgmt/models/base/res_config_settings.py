"""Show the settings that all capabilities share."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    sales_tz = fields.Selection(related='company_id.sales_tz', readonly=False, required=True)
