"""Schedule a recount of the messages that may be contacts with a customer."""

from odoo import api, fields, models

from ..base.orm import get_cached_values, get_changed_ids
from .crm_communication import MESSAGE_TYPES

# Fields that decide whether and when a message is a contact
COMMUNICATION_FIELDS = (
    'author_id',
    'date',
    'email_from',
    'incoming_email_cc',
    'incoming_email_to',
    'is_automatic',
    'mail_activity_type_id',
    'message_type',
    'model',
    'res_id',
    'subtype_id',
)


class MailMessage(models.Model):
    _name = 'mail.message'
    _inherit = ['mail.message', 'crm.system.field.mixin']

    is_automatic = fields.Boolean(
        string="Written by a Program",
        readonly=True,
        system=True,
        copy=False,
        help="The headers of this incoming e-mail say that a program wrote it, such as an out-of-office "
        "reply or a newsletter. It is no contact with the customer.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count the messages on opportunities and their documents."""
        messages = super().create(vals_list)
        document_models = self.env['crm.communication']._get_document_columns()
        self.env['crm.communication']._schedule_recount(
            'message',
            [
                message.id
                for message in messages
                if message.model in document_models
                and (message.message_type in MESSAGE_TYPES or message.mail_activity_type_id)
            ],
        )
        return messages

    def unlink(self):
        """Override to remove their communications."""
        ids = self._get_ids_about_leads(self._ids)
        result = super().unlink()
        self.env['crm.communication']._schedule_recount('message', ids)
        return result

    def _flush(self):
        """Override to recount the changed messages, however they were changed."""
        turned_ids = get_changed_ids(self, ['message_type', 'mail_activity_type_id'])
        moved_ids = get_changed_ids(self, ['model', 'res_id']) - turned_ids
        changed_ids = get_changed_ids(self, COMMUNICATION_FIELDS) - turned_ids - moved_ids
        ids = turned_ids.union(self._drop_notes(moved_ids), self._get_ids_about_leads(changed_ids))
        result = super()._flush()
        self.env['crm.communication']._schedule_recount('message', ids)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_ids_about_leads(self, ids, types=(*MESSAGE_TYPES, 'notification')):
        """Return the IDs of the messages that may be about leads, and are of one of some types.

        This looks into the cache only, so that other messages cost nothing.
        """
        document_models = self.env['crm.communication']._get_document_columns()
        model_by_id = get_cached_values(self, 'model')
        type_by_id = get_cached_values(self, 'message_type')
        return [
            id_
            for id_ in ids
            if model_by_id.get(id_, 'crm.lead') in document_models
            and (id_ not in type_by_id or type_by_id[id_] in types)
        ]

    @api.model
    def _drop_notes(self, ids):
        """Return the IDs without those of notes of changes, which are never contacts.

        Odoo moves them from document to document when it merges opportunities. This looks into the cache
        only, as `_get_ids_about_leads` does.

        :rtype: set[int]
        """
        type_by_id = get_cached_values(self, 'message_type')
        activity_type_by_id = get_cached_values(self, 'mail_activity_type_id')
        return {
            id_
            for id_ in ids
            if type_by_id.get(id_, 'email') in MESSAGE_TYPES or activity_type_by_id.get(id_, True)
        }
