"""Warn users who give a key account to a novice.

A form shows the warning before it is saved. Other ways (a card dragged to another column, several rows
edited at once, the wizards that assign or convert, an import) show nothing before they save. There the
user gets one notification for all opportunities that were saved together.
"""

from odoo import api, fields, models

from ..base.tools import convert_to_id
from ..base.transaction_notes import get_notes_until_flush, take_notes

# Name of the notes of the opportunities that got another salesperson
REASSIGNED = 'sales_funnel_mgmt.reassigned_leads'
# A notification names so many customers at most
NAMED = 5


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    is_key_account = fields.Boolean(
        related='customer_id.is_key_account',
        related_sudo=True,
        string="Key Account",
        groups='sales_team.group_sale_salesman',
        help="The customer is a key account: no novice should be given it.",
    )

    # === CRUD METHODS === #

    def _get_reassigned_leads(self, vals):
        """Return the opportunities that get another salesperson.

        :param dict vals: Values to write.
        :rtype: crm.lead
        """
        user_id = convert_to_id(self, 'user_id', vals.get('user_id'))
        return self.filtered(lambda lead: lead.user_id.id != user_id) if user_id else self.browse()

    # === ONCHANGE METHODS === #

    @api.onchange('user_id', 'partner_id')
    def _onchange_novice_gets_key_account(self):
        """Warn when the salesperson of a key account is a novice."""
        return self._get_novice_warning(self.user_id)

    # === BUSINESS METHODS === #

    def _get_novice_warning(self, user):
        """Return the onchange warning for a key account that goes to a novice.

        :param res.users user: New salesperson of the opportunity.
        :return: The warning. None if the customer is no key account or the user no novice.
        :rtype: dict | None
        """
        # In sudo mode: the parent company of the contact may be closed to the user.
        customer_sudo = self.customer_id.sudo()._origin
        sentences = (
            self.env['crm.team.member']._get_novice_sentences([(customer_sudo, user._origin)])
            if customer_sudo and user
            else []
        )
        return self._make_novice_warning(sentences) if sentences else None

    def _make_novice_warning(self, sentences):
        return {
            'warning': {
                'title': self.env._("Key account for a novice"),
                'message': self.env._(
                    "%(key_accounts)s You can go on; better choose somebody with more experience.",
                    key_accounts=" ".join(sentences),
                ),
            }
        }

    def _assign_userless_lead_in_team(self, creation_source):
        """Override to keep key accounts from team leaders who are novices. A user assigns them."""
        novices = self.env['crm.team.member']._get_novices(self.team_id.user_id)
        kept = self.filtered(lambda lead: lead.team_id.user_id in novices)
        # In sudo mode: the rule does not depend on the access rights of the current user.
        kept_ids = kept.sudo().filtered('is_key_account')._ids
        return super(
            CrmLead, self.filtered(lambda lead: lead.id not in kept_ids)
        )._assign_userless_lead_in_team(creation_source)

    def _schedule_novice_warning(self):
        """Note the opportunities, to warn the user once when the cursor is flushed.

        Changes by the system give no warning.
        """
        lead_ids = [lead.id for lead in self if lead.user_id]
        if self.env.su or not lead_ids:
            return
        reassigned = get_notes_until_flush(
            self.env, REASSIGNED, when_flushed=self.browse()._send_novice_warnings
        )
        reassigned.update(lead_ids)

    def _send_novice_warnings(self):
        """Notify the user of key accounts that they have given to novices."""
        lead_ids = take_notes(self.env, REASSIGNED) or ()
        # In sudo mode: the rule does not depend on the access rights of the user. Changes that were
        # undone since do not count.
        leads_sudo = self.sudo().search([('id', 'in', lead_ids), ('user_id', '!=', False)])
        sentences = self.env['crm.team.member']._get_novice_sentences(
            (lead.customer_id, lead.user_id) for lead in leads_sudo if lead.customer_id
        )
        if not sentences:
            return
        named = sentences[:NAMED]
        if len(sentences) > NAMED:
            named.append(self.env._("And %(count)s more.", count=len(sentences) - NAMED))
        warning = self._make_novice_warning(named)['warning']
        self.env.user._bus_send(
            'simple_notification', {'type': 'warning', 'sticky': True, **warning}
        )
