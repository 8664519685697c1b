"""Key accounts belong into experienced hands: whoever gives one to a novice is warned.

A form warns before it is saved. On every other way (a card dragged to another column, several rows
edited at once, the wizards that assign or convert, an import), Odoo shows nothing in between, so that
the web client of whoever did it shows a notification, one for all that was saved together.
"""

from odoo import api, fields, models

from ..base.transaction_notes import get_notes_until_flush, take_notes

# Name of the notes of the opportunities that got another salesperson
GIVEN = 'sales_funnel_mgmt.given_leads'
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

    @api.model_create_multi
    def create(self, vals_list):
        """Override to warn whoever gives a key account to a novice."""
        leads = super().create(vals_list)
        leads._note_given()
        return leads

    def write(self, vals):
        """Override to warn whoever gives a key account to a novice."""
        given = (
            self.filtered(lambda lead: lead.user_id.id != vals['user_id'])
            if vals.get('user_id')
            else self.browse()
        )
        result = super().write(vals)
        given._note_given()
        return result

    # === ONCHANGE METHODS === #

    @api.onchange('user_id', 'partner_id')
    def _onchange_novice_gets_key_account(self):
        """Warn whoever gives a key account to a novice; they may have their reasons."""
        return self._get_novice_warning(self.user_id)

    # === BUSINESS METHODS === #

    def _get_novice_warning(self, user):
        """Return the warning of an onchange, if the opportunity is of a key account and the user who is
        to get it is a novice.

        :param res.users user: Who is to get it.
        :rtype: dict | None
        """
        # In sudo mode: the company above the contact may be closed to the user.
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
        """Override: no key account goes to a team leader who is a novice; it waits for a person."""
        novices = self.env['crm.team.member']._get_novices(self.team_id.user_id)
        kept = self.filtered(lambda lead: lead.team_id.user_id in novices)
        # In sudo mode: the rule holds for whoever asks.
        kept_ids = kept.sudo().filtered('is_key_account')._ids
        return super(
            CrmLead, self.filtered(lambda lead: lead.id not in kept_ids)
        )._assign_userless_lead_in_team(creation_source)

    def _note_given(self):
        """Look at these opportunities once all is done that is saved together, if a person did it."""
        given_ids = [lead.id for lead in self if lead.user_id]
        if self.env.su or not given_ids:
            return
        given = get_notes_until_flush(self.env, GIVEN, when_flushed=self.browse()._warn_of_given)
        given.update(given_ids)

    def _warn_of_given(self):
        """Tell the user which key accounts they have given to novices."""
        given_ids = take_notes(self.env, GIVEN) or ()
        # In sudo mode: the rule holds for whoever asks; what was undone since does not count.
        leads_sudo = self.sudo().search([('id', 'in', given_ids), ('user_id', '!=', False)])
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
