"""Define which types of activities are contacts with the customer."""

from odoo import api, fields, models

from ..base.orm import get_changed_ids
from .crm_communication import ACTIVITY_KINDS


class MailActivityType(models.Model):
    _inherit = 'mail.activity.type'

    contact_kind = fields.Selection(
        selection=ACTIVITY_KINDS,
        string="Contact with the Customer",
        compute='_compute_contact_kind',
        store=True,
        readonly=False,
        precompute=True,
        help="Kind of contact with the customer of a done activity of this type. Empty: the activity is "
        "no contact (a to-do, a document to upload), and does not end the silence of an opportunity.",
    )

    # === COMPUTE METHODS === #

    @api.depends('category')
    def _compute_contact_kind(self):
        email_type = self.env.ref('mail.mail_activity_data_email', raise_if_not_found=False)
        kinds = {'phonecall': 'call', 'meeting': 'meeting'}
        for activity_type in self:
            # A kind that a user has chosen stays, unless the category has a kind.
            activity_type.contact_kind = (
                kinds.get(activity_type.category)
                or activity_type.contact_kind
                or (activity_type == email_type and 'email')
            )

    # === CRUD METHODS === #

    def _flush(self):
        """Override to recount all activities of a type that has changed."""
        ids = get_changed_ids(self, ['category', 'contact_kind'])
        result = super()._flush()
        self.env['crm.communication']._schedule_recount('activity_type', ids)
        return result
