"""Protect the activity type of stall alerts."""

from odoo import api, models


class MailActivityType(models.Model):
    _inherit = 'mail.activity.type'

    # === BUSINESS METHODS === #

    @api.model
    def _get_model_info_by_xmlid(self):
        """Override to protect the activity type of stall alerts from deletion and a change of model."""
        return {
            **super()._get_model_info_by_xmlid(),
            'sales_funnel_mgmt.mail_activity_type_stalled': {
                'res_model': 'crm.lead',
                'unlink': False,
            },
        }
