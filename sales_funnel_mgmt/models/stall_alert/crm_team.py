"""Count the stalled opportunities of a sales team."""

from odoo import api, fields, models

from ..base.arguments import check_one


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    stalled_count = fields.Integer(
        string="Stalled",
        compute='_compute_stalled_count',
        help="Open opportunities of the team that are in their stage, or without a contact with the "
        "customer, for longer than the stage allows; of those that you may see.",
    )

    # === COMPUTE METHODS === #

    # Depends on the opportunities that the user may see, in the selected companies.
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_stalled_count(self):
        counts = self.env['crm.lead']._count_stalled(self, ['team_id'])
        for team in self:
            team.stalled_count = counts.get(team, 0)

    # === ACTION METHODS === #

    def action_open_stalled_opportunities(self):
        """Open the stalled opportunities of the team."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_lead_stalled_action'
            ),
            'domain': [('type', '=', 'opportunity'), ('team_id', '=', self.id)],
        }
