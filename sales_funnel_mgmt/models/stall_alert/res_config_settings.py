"""Show the settings of stall alerts."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    stall_age_days = fields.Integer(related='company_id.stall_age_days', readonly=False)
    stall_silence_days = fields.Integer(related='company_id.stall_silence_days', readonly=False)
    stall_calendar = fields.Selection(related='company_id.stall_calendar', readonly=False)
    stall_escalation_days = fields.Integer(
        related='company_id.stall_escalation_days', readonly=False
    )
    stall_grace_days = fields.Integer(related='company_id.stall_grace_days', readonly=False)
    stall_open_alerts_max = fields.Integer(
        related='company_id.stall_open_alerts_max', readonly=False
    )
    stall_fallback_user_id = fields.Many2one(
        related='company_id.stall_fallback_user_id', readonly=False
    )
