from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids
from ..base.transaction_notes import get_notes_until_end
from .mail_message import COMMUNICATION_TYPES

# Name of the notes of the notifications that are none of a communication
OTHERS = 'sales_funnel_mgmt.other_notifications'


class MailNotification(models.Model):
    _inherit = 'mail.notification'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a message that somebody outside gets is a contact with them."""
        notifications = super().create(vals_list)
        notifications._follow_communications(notifications._ids)
        return notifications

    def _flush(self):
        """Override: a message that came back is none."""
        ids = get_changed_ids(self, ['notification_status', 'res_partner_id'])
        result = super()._flush()
        self._follow_communications(ids)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _follow_communications(self, ids):
        """Count anew the messages of some notifications, but those that are about other documents, or
        that the system sends, as when somebody gets an opportunity. Those are remembered: as Odoo
        sends them, it forgets all that it has read."""
        message_by_id = get_cached_values(self, 'mail_message_id')
        about_leads = self.env['mail.message']._get_ids_about_leads
        others = get_notes_until_end(self.env, OTHERS)
        others.update(
            id_
            for id_ in ids
            if id_ in message_by_id and not about_leads([message_by_id[id_]], COMMUNICATION_TYPES)
        )
        self.env['crm.communication']._follow('notification', set(ids) - others)
