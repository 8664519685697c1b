"""Key accounts belong into experienced hands: whoever gives one to a novice is warned."""

from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    is_key_account = fields.Boolean(
        related='customer_id.is_key_account',
        related_sudo=True,
        string="Key Account",
        groups='sales_team.group_sale_salesman',
        help="The customer is a key account: no novice should be given it.",
    )

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
        # In sudo mode: the rule holds for whoever asks.
        customer_sudo = self.partner_id.sudo().commercial_partner_id._origin
        if not (
            user
            and customer_sudo.is_key_account
            and self.env['crm.team.member']._get_novices(user._origin)
        ):
            return None
        return {
            'warning': {
                'title': self.env._("Key account for a novice"),
                'message': self.env._(
                    "%(customer)s is a key account, and %(user)s is still a novice. You can go on; "
                    "better choose somebody with more experience.",
                    customer=customer_sudo.display_name,
                    user=user.name,
                ),
            }
        }
