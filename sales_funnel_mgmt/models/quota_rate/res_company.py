"""Round quota amounts again when a company changes its currency."""

from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    # === BUSINESS METHODS === #

    def _round_quota_amounts(self):
        """Round the quota amounts of open opportunities to the decimals of a new currency."""
        # Opportunities without a company have the currency of the current one.
        self.env['crm.lead']._propagate_quota_rates([('company_id', 'in', [*self.ids, False])])
