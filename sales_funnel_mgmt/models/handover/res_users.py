"""Start the handover of a pipeline from its user."""

from odoo import models

from ..base.arguments import check_one


class ResUsers(models.Model):
    _inherit = 'res.users'

    # === ACTION METHODS === #

    def action_hand_over(self):
        """Open the wizard that creates a handover of this user's pipeline."""
        check_one(self)
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_create_action'
        )
        return {**action, 'context': {'default_from_user_id': self.id}}
