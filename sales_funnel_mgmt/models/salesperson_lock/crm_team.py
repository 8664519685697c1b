from odoo import models
from odoo.exceptions import MissingError


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Override: the automatic assignment passes over locked opportunities that would change
        hands if it merged them with their duplicates."""
        if duplicates_cache is None:
            duplicates_cache = {}
        for lead in leads:
            if lead not in duplicates_cache:
                duplicates_cache[lead] = lead._get_lead_duplicates(email=lead.email_from)
            duplicates = duplicates_cache[lead]
            try:
                locked = duplicates._get_locked_against_merge()
            except MissingError:
                # Merged and deleted earlier in this run. Not asked for each time: it is a query.
                duplicates = duplicates.exists()
                locked = duplicates._get_locked_against_merge()
            duplicates_cache[lead] = duplicates - locked
        return super()._allocate_leads_deduplicate(leads, duplicates_cache=duplicates_cache)
