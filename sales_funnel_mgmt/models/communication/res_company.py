"""Keep all-day meetings on their day when a company's time zone is corrected."""

from odoo import models
from odoo.fields import Domain


class ResCompany(models.Model):
    _inherit = 'res.company'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to count the all-day meetings again: they begin in the company's time zone."""
        before = {company: company.sales_tz for company in self} if 'sales_tz' in vals else {}
        result = super().write(vals)
        moved = self.filtered(
            lambda company: before.get(company, company.sales_tz) != company.sales_tz
        )
        if moved:
            # In sudo mode: the day of a meeting does not depend on who may see it.
            events_sudo = (
                self
                .env['calendar.event']
                .sudo()
                .with_context(active_test=False)
                .search(
                    Domain('allday', '=', True)
                    & Domain('opportunity_id', '!=', False)
                    & (
                        Domain('opportunity_id.company_id', 'in', moved.ids)
                        | Domain('opportunity_id.company_id', '=', False)
                    )
                )
            )
            self.env['crm.communication']._follow('event', events_sudo.ids)
        return result
