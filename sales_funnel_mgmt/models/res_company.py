"""Order the steps that run when a company is changed."""

from odoo import models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def write(self, vals):
        """Write the values, then update what the former ones were used for."""
        zones = {company: company.sales_tz for company in self} if 'sales_tz' in vals else {}
        currencies = (
            {company: company.currency_id for company in self} if vals.get('currency_id') else {}
        )
        result = super().write(vals)
        moved = self.filtered(lambda one: one in zones and zones[one] != one.sales_tz)
        if moved:
            moved._recount_all_day_meetings()  # communication
        changed = self.filtered(
            lambda one: one in currencies and currencies[one] != one.currency_id
        )
        if changed:
            changed._round_quota_amounts()  # quota_rate
        return result
