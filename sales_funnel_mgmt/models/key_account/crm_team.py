"""Keep the automatic lead assignment from giving key accounts to novices."""

from odoo import models
from odoo.fields import Domain


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def _get_lead_to_assign_domain(self):
        """Override to exclude key accounts from the assignment in teams that have a novice.

        They stay among the unassigned leads until a user assigns them.
        """
        domain = super()._get_lead_to_assign_domain()
        members = self.crm_team_member_ids.filtered(lambda member: not member.assignment_optout)
        novices = self.env['crm.team.member']._get_novices(members.user_id)
        teams = members.filtered(lambda member: member.user_id in novices).crm_team_id
        if not teams:
            return domain
        return Domain(domain) & ~(
            Domain('team_id', 'in', teams.ids) & Domain('customer_id.is_key_account', '=', True)
        )
