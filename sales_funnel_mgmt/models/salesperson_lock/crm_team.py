"""Keep the automatic assignment from merging locked opportunities."""

from odoo import models
from odoo.exceptions import MissingError


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Override to skip locked opportunities that a merge would give to another salesperson."""
        if duplicates_cache is None:
            duplicates_cache = {}
        for lead in leads:
            if lead not in duplicates_cache:
                duplicates_cache[lead] = lead._get_lead_duplicates(email=lead.email_from)
            duplicates = duplicates_cache[lead]
            try:
                locked = duplicates._get_locked_against_merge()
            except MissingError:
                # Merged and deleted earlier in this run. `exists` is a query: call it only if needed.
                duplicates = duplicates.exists()
                locked = duplicates._get_locked_against_merge()
            duplicates_cache[lead] = duplicates - locked
        return super()._allocate_leads_deduplicate(leads, duplicates_cache=duplicates_cache)
