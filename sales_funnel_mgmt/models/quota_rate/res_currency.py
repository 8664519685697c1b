"""Round quota amounts again when a currency gets other decimals."""

from odoo import models
from odoo.fields import Domain


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to round the quota amounts of open opportunities to the new decimals."""
        former = {currency: currency.rounding for currency in self} if 'rounding' in vals else {}
        result = super().write(vals)
        changed = self.browse(
            currency.id for currency, rounding in former.items() if currency.rounding != rounding
        )
        if changed:
            self.env['crm.lead']._propagate_quota_rates(
                Domain('company_id.currency_id', 'in', changed.ids)
                | Domain('company_id', '=', False)
            )
        return result
