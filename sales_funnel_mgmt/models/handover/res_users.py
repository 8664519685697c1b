"""From a user to the handover of their pipeline."""

from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    # === ACTION METHODS === #

    def action_hand_over(self):
        """Open the dialog that hands the pipeline of this user over."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_create_action'
        )
        return {**action, 'context': {'default_from_user_id': self.id}}
