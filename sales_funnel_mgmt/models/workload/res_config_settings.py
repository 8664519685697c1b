"""Show the settings for concentration, novices and key accounts."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    concentration_limit = fields.Float(related='company_id.concentration_limit', readonly=False)
    concentration_min_customers = fields.Integer(
        related='company_id.concentration_min_customers', readonly=False
    )
    novice_months = fields.Integer(related='company_id.novice_months', readonly=False)
    key_account_revenue = fields.Monetary(
        related='company_id.key_account_revenue',
        currency_field='key_account_currency_id',
        readonly=False,
    )
    key_account_currency_id = fields.Many2one(
        related='company_id.currency_id', string="Currency of Key Accounts"
    )
