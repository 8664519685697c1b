"""Find out from the headers of incoming e-mails whether a program wrote them."""

from odoo import api, models
from odoo.tools import email_domain_extract

PROGRAM_HEADERS = (
    'X-Auto-Response-Suppress',
    'X-Autoreply',
    'X-Autorespond',
    'X-Autoresponder',
)
# Values of these headers that do not tell of a program
NEGATIVE_VALUES = ('', 'no', 'none', 'false', '0')
MASS_PRECEDENCES = ('bulk', 'junk', 'list', 'auto_reply', 'auto-reply')


class MailThread(models.AbstractModel):
    _inherit = 'mail.thread'

    @api.model
    def message_parse(self, message, save_original=False):
        """Override to store with the message that a program wrote it."""
        values = super().message_parse(message, save_original=save_original)
        if self._is_automatic(message):
            values['is_automatic'] = True
        return values

    def _get_message_create_valid_field_names(self):
        """Override to let the gateway create such messages."""
        return super()._get_message_create_valid_field_names() | {'is_automatic'}

    @api.model
    def _is_automatic(self, message):
        """Return whether the headers of an e-mail say that no person wrote it to us.

        They are those of RFC 3834, of older programs that answer by themselves, and of mailing lists.
        Lists of the company itself do not count: a customer wrote to such a list to reach the company.

        :param email.message.EmailMessage message: The e-mail.
        :rtype: bool
        """

        def get_values(header):
            values = (str(value).strip().lower() for value in message.get_all(header, []))
            return [value.partition(';')[0].partition('(')[0].strip() for value in values]

        if any(value not in ('', 'no') for value in get_values('Auto-Submitted')):
            return True
        if any(
            value not in NEGATIVE_VALUES
            for header in PROGRAM_HEADERS
            for value in get_values(header)
        ):
            return True
        if any(value.strip('<> ') == '' for value in get_values('Return-Path')):
            return True
        is_mass = any(value in MASS_PRECEDENCES for value in get_values('Precedence'))
        is_list = any(header.lower().startswith('list-') for header in message)
        return (is_mass or is_list) and not self._is_own_list(message)

    @api.model
    def _is_own_list(self, message):
        """Return whether an e-mail came over a mailing list in a domain of the company."""
        list_id = str(message.get('List-Id', '')).strip().lower().rpartition('<')[2].rstrip('> ')
        if not list_id:
            return False
        # In sudo mode: the gateway asks about the domains of all companies.
        labels = list_id.split('.')
        domains = ['.'.join(labels[place:]) for place in range(len(labels))]
        if self.env['mail.alias.domain'].sudo().search_count([('name', 'in', domains)], limit=1):
            return True
        companies_sudo = self.env['res.company'].sudo().search([('email', '!=', False)])
        return any(email_domain_extract(company.email) in domains for company in companies_sudo)
