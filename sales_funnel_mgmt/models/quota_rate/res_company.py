"""Round quota amounts again when a company changes its currency."""

from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to round the quota amounts of open opportunities to the decimals of a new currency."""
        former = (
            {company: company.currency_id for company in self} if vals.get('currency_id') else {}
        )
        result = super().write(vals)
        changed = self.browse(
            company.id for company, currency in former.items() if company.currency_id != currency
        )
        if changed:
            # Opportunities without a company have the currency of the current one.
            self.env['crm.lead']._propagate_quota_rates([
                ('company_id', 'in', [*changed.ids, False])
            ])
        return result
