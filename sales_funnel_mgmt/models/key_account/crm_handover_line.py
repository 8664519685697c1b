"""Warn of key accounts for novices in the lines of a handover."""

from odoo import api, models


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === ONCHANGE METHODS === #

    @api.onchange('to_user_id')
    def _onchange_novice_gets_key_account(self):
        """Warn when the receiver of a key account is a novice."""
        return self.lead_id._get_novice_warning(self.to_user_id)
