"""Count the contacts in the chatter of quotations and sales orders."""

from odoo import api, models


class CrmCommunication(models.Model):
    _inherit = 'crm.communication'

    @api.model
    def _get_document_columns(self):
        """Override to include sales orders that are linked to an opportunity."""
        return {**super()._get_document_columns(), 'sale.order': 'opportunity_id'}
