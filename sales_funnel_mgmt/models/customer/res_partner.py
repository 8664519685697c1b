"""Open the history of a customer: the stays of its opportunities."""

from odoo import models

from ..base.arguments import check_one


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # === ACTION METHODS === #

    def action_view_stage_history(self):
        """Open the stays of the opportunities of this customer, those of all its contacts."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_stage_history_action'
            ),
            'domain': [('lead_id.customer_id', '=', self.commercial_partner_id.id)],
        }
