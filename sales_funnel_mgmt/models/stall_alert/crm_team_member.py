"""Count the stalled opportunities of a salesperson in a team."""

from odoo import api, fields, models

from ..base.arguments import check_one


class CrmTeamMember(models.Model):
    _inherit = 'crm.team.member'

    stalled_count = fields.Integer(
        string="Stalled",
        compute='_compute_stalled_count',
        help="Open opportunities of the salesperson in this team that are in their stage, or without "
        "a contact with the customer, for longer than the stage allows; of those that you may see.",
    )

    # === COMPUTE METHODS === #

    # Depends on the opportunities that the user may see, in the selected companies.
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_stalled_count(self):
        counts = self.env['crm.lead']._count_stalled(self.crm_team_id, ['user_id', 'team_id'])
        for member in self:
            member.stalled_count = counts.get((member.user_id, member.crm_team_id), 0)

    # === ACTION METHODS === #

    def action_open_stalled_opportunities(self):
        """Open the stalled opportunities of the salesperson in this team."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_lead_stalled_action'
            ),
            'domain': [
                ('type', '=', 'opportunity'),
                ('user_id', '=', self.user_id.id),
                ('team_id', '=', self.crm_team_id.id),
            ],
        }
