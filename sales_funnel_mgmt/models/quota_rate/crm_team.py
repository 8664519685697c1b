from odoo import models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def unlink(self):
        """Override: the database takes the team's quota rates along, which recomputes nothing."""
        result = super().unlink()
        self.env['crm.lead']._propagate_quota_rates([
            ('quota_rate_origin', '=', 'team'),
            ('team_id', '=', False),
        ])
        return result
