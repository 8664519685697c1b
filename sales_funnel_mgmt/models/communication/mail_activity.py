"""Schedule a recount of the contacts that activities are linked to."""

from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids

# Fields that decide whether a meeting replaces a done activity, and the kind of the meeting
COMMUNICATION_FIELDS = (
    'active',
    'activity_type_id',
    'calendar_event_id',
    'date_done',
    'res_id',
    'res_model',
)


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    # === CRUD METHODS === #

    def _recount_planned_meetings(self):
        """Recount the meetings that these activities plan. They take the kind of the activity."""
        self.env['crm.communication']._schedule_recount(
            'activity', self.filtered('calendar_event_id').ids
        )

    def _recount_unlinked_meetings(self, vals):
        """Recount the meetings that are about to lose their link to these activities.

        :param dict vals: Values that are about to be written.
        """
        if 'calendar_event_id' in vals:
            self.env['crm.communication']._schedule_recount('event', self.calendar_event_id.ids)

    def _recount_linked_contacts(self):
        """Recount the meetings and messages of these activities, which are about to be deleted."""
        Communication = self.env['crm.communication']
        meant = self.filtered('calendar_event_id')
        done = self.filtered(
            lambda activity: activity.res_model == 'crm.lead' and not activity.active
        )
        Communication._schedule_recount('event', meant.calendar_event_id.ids)
        Communication._schedule_recount('lead', done.mapped('res_id'))

    @api.model
    def _get_communication_changes(self):
        """Return the IDs of the activities that are about to be stored with a change that counts."""
        model_by_id = get_cached_values(self, 'res_model')
        return {
            id_
            for id_ in get_changed_ids(self, COMMUNICATION_FIELDS)
            if model_by_id.get(id_, 'crm.lead') == 'crm.lead'
        }
