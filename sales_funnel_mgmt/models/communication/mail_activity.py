from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids

# Of these, a done activity is the same as a meeting, or not, and a meeting of its kind
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

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a meeting that is planned as an activity is of the activity's kind."""
        activities = super().create(vals_list)
        self.env['crm.communication']._follow(
            'activity', activities.filtered('calendar_event_id').ids
        )
        return activities

    def write(self, vals):
        """Override: of the meeting that it is no longer planned for, too."""
        if 'calendar_event_id' in vals:
            self.env['crm.communication']._follow('event', self.calendar_event_id.ids)
        return super().write(vals)

    def unlink(self):
        """Override: what stands for it counts by itself."""
        Communication = self.env['crm.communication']
        meant = self.filtered('calendar_event_id')
        done = self.filtered(
            lambda activity: activity.res_model == 'crm.lead' and not activity.active
        )
        Communication._follow('event', meant.calendar_event_id.ids)
        Communication._follow('lead', done.mapped('res_id'))
        return super().unlink()

    def _flush(self):
        """Override: it was done, or is meant by a meeting."""
        model_by_id = get_cached_values(self, 'res_model')
        ids = {
            id_
            for id_ in get_changed_ids(self, COMMUNICATION_FIELDS)
            if model_by_id.get(id_, 'crm.lead') == 'crm.lead'
        }
        result = super()._flush()
        self.env['crm.communication']._follow('activity', ids)
        return result
