"""Update opportunities when their sales team is deleted."""

from odoo import models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def unlink(self):
        """Delete the teams, then update the rates: the cascade in the database does not."""
        result = super().unlink()
        self.env['crm.lead']._propagate_quota_rates([
            ('quota_rate_origin', '=', 'team'),
            ('team_id', '=', False),
        ])
        return result
