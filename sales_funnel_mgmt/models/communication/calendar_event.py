"""Schedule a recount of the meetings with customers."""

from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids

# Fields that decide whether and when a meeting is a contact
COMMUNICATION_FIELDS = ('active', 'allday', 'opportunity_id', 'start', 'user_id')


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count the meetings with the customer of an opportunity."""
        events = super().create(vals_list)
        self.env['crm.communication']._schedule_recount(
            'event', events.filtered('opportunity_id').ids
        )
        return events

    def unlink(self):
        """Override to remove their communications."""
        ids = self._get_ids_about_leads(self._ids)
        result = super().unlink()
        self.env['crm.communication']._schedule_recount('event', ids)
        return result

    def _flush(self):
        """Override to recount the changed meetings, however they were changed."""
        moved_ids = get_changed_ids(self, ['opportunity_id'])
        changed_ids = get_changed_ids(self, COMMUNICATION_FIELDS)
        ids = moved_ids.union(self._get_ids_about_leads(changed_ids - moved_ids))
        result = super()._flush()
        self.env['crm.communication']._schedule_recount('event', ids)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_ids_about_leads(self, ids):
        """Return the IDs of the meetings that may be about leads. This looks into the cache only."""
        lead_by_id = get_cached_values(self, 'opportunity_id')
        return [id_ for id_ in ids if lead_by_id.get(id_, True)]
