"""Send the monthly review workbook by e-mail."""

import base64

from odoo import models

# Mail servers could refuse larger files, which are sent as a link.
MAIL_BYTES = 8 * 1024 * 1024


class CrmReviewWorkbook(models.Model):
    _inherit = 'crm.review.workbook'

    # === BUSINESS METHODS === #

    def _send(self):
        """Queue the e-mail with the file, or with a link to a large file."""
        template = self.env.ref(
            'sales_funnel_mgmt.mail_template_review_workbook', raise_if_not_found=False
        )
        if not template:
            return
        content = base64.b64decode(self.file)
        is_attached = len(content) <= MAIL_BYTES
        values = {}
        if is_attached:
            # A copy for the e-mail, deleted with it.
            attachment = self.env['ir.attachment'].create({
                'name': self.with_context(lang=self.user_id.lang).file_name,
                'raw': content,
                'res_model': 'mail.message',
            })
            values['attachment_ids'] = [(4, attachment.id)]
        template.with_context(review_is_attached=is_attached).send_mail(
            self.id, email_values=values
        )
