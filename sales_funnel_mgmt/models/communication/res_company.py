"""Keep all-day meetings on their day when a company's time zone is corrected."""

from odoo import models
from odoo.fields import Domain


class ResCompany(models.Model):
    _inherit = 'res.company'

    # === BUSINESS METHODS === #

    def _recount_all_day_meetings(self):
        """Count the all-day meetings of these companies again: they begin in the company's time zone."""
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
                    Domain('opportunity_id.company_id', 'in', self.ids)
                    | Domain('opportunity_id.company_id', '=', False)
                )
            )
        )
        self.env['crm.communication']._schedule_recount('event', events_sudo.ids)
