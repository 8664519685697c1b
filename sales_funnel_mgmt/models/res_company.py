"""Order the steps that run when a company is changed."""

from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def write(self, vals):
        """Write the values, then update what the former ones were used for."""
        former = (
            {company: (company.sales_tz, company.currency_id) for company in self}
            if not {'sales_tz', 'currency_id'}.isdisjoint(vals)
            else {}
        )
        result = super().write(vals)
        moved = self.browse(
            company.id for company, (zone, _currency) in former.items() if company.sales_tz != zone
        )
        if moved:
            moved._recount_all_day_meetings()  # communication
        changed = self.browse(
            company.id
            for company, (_zone, currency) in former.items()
            if company.currency_id != currency
        )
        if changed:
            changed._round_quota_amounts()  # quota_rate
        return result
