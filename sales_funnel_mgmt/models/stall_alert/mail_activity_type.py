from odoo import api, models


class MailActivityType(models.Model):
    _inherit = 'mail.activity.type'

    # === BUSINESS METHODS === #

    @api.model
    def _get_model_info_by_xmlid(self):
        """Override: the type of stall alerts is neither to be deleted nor given to another model."""
        return {
            **super()._get_model_info_by_xmlid(),
            'sales_funnel_mgmt.mail_activity_type_stalled': {
                'res_model': 'crm.lead',
                'unlink': False,
            },
        }
