"""Show the source of actuals in the settings."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    quota_actual_source = fields.Selection(
        related='company_id.quota_actual_source',
        readonly=False,
        required=True,
    )
