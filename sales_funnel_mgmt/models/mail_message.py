from odoo import models


class MailMessage(models.Model):
    _inherit = 'mail.message'

    # The contacts of a period, among the many messages of other documents and the system's own. The
    # words of `crm.lead._get_contact_message_scope`.
    _crm_contact_idx = models.Index(
        "(date) WHERE model = 'crm.lead' AND (mail_activity_type_id IS NOT NULL"
        " OR message_type IN ('email', 'comment', 'sms', 'whatsapp_message'))"
    )
