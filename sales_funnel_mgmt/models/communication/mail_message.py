from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids

# Of these, a message is a communication, or none
COMMUNICATION_FIELDS = (
    'author_id',
    'date',
    'is_internal',
    'mail_activity_type_id',
    'message_type',
    'model',
    'res_id',
    'subtype_id',
)
COMMUNICATION_TYPES = ('email', 'comment', 'sms', 'whatsapp_message')


class MailMessage(models.Model):
    _inherit = 'mail.message'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count what is a contact with the customer of an opportunity."""
        messages = super().create(vals_list)
        self.env['crm.communication']._follow(
            'message',
            [
                message.id
                for message in messages
                if message.model == 'crm.lead'
                and (message.message_type in COMMUNICATION_TYPES or message.mail_activity_type_id)
            ],
        )
        return messages

    def unlink(self):
        """Override to count them no longer."""
        ids = self._get_ids_about_leads(self._ids)
        result = super().unlink()
        self.env['crm.communication']._follow('message', ids)
        return result

    def _flush(self):
        """Override to count anew what has changed, whichever way."""
        moved_ids = get_changed_ids(self, ['message_type', 'model', 'res_id'])
        changed_ids = get_changed_ids(self, COMMUNICATION_FIELDS)
        ids = moved_ids.union(self._get_ids_about_leads(changed_ids - moved_ids))
        result = super()._flush()
        self.env['crm.communication']._follow('message', ids)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_ids_about_leads(self, ids, types=(*COMMUNICATION_TYPES, 'notification')):
        """Return those of some messages that may be about leads, and of one of some types. Others are
        known without asking the database, as far as it can be: they cost nothing."""
        model_by_id = get_cached_values(self, 'model')
        type_by_id = get_cached_values(self, 'message_type')
        return [
            id_
            for id_ in ids
            if model_by_id.get(id_, 'crm.lead') == 'crm.lead'
            and (id_ not in type_by_id or type_by_id[id_] in types)
        ]
