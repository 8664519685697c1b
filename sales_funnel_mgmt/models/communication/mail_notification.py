"""Schedule a recount of messages when their deliveries change."""

from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids
from ..base.transaction_notes import get_notes_until_end
from .crm_communication import MESSAGE_TYPES

# Name of the notes of the notifications about other messages
OTHERS = 'sales_funnel_mgmt.other_notifications'


class MailNotification(models.Model):
    _inherit = 'mail.notification'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count the messages that somebody outside gets."""
        notifications = super().create(vals_list)
        notifications._schedule_recount(notifications._ids)
        return notifications

    def _flush(self):
        """Override to recount the messages whose delivery changed. A bounced message is no contact."""
        ids = get_changed_ids(self, ['notification_status', 'res_partner_id'])
        result = super()._flush()
        self._schedule_recount(ids)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _schedule_recount(self, ids):
        """Schedule a recount of the messages of some notifications.

        Notifications about other documents, and of messages of the system, are left out. They are noted,
        because Odoo drops the cached values when it sends the messages.
        """
        message_by_id = get_cached_values(self, 'mail_message_id')
        about_leads = self.env['mail.message']._get_ids_about_leads
        others = get_notes_until_end(self.env, OTHERS)
        others.update(
            id_
            for id_ in ids
            if id_ in message_by_id and not about_leads([message_by_id[id_]], MESSAGE_TYPES)
        )
        self.env['crm.communication']._schedule_recount('notification', set(ids) - others)
