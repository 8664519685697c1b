"""Define the seniority of team members: novice or senior."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

SENIORITY = [('novice', "Novice"), ('senior', "Senior")]


class CrmTeamMember(models.Model):
    _inherit = 'crm.team.member'

    joined_on = fields.Date(
        string="In the Team Since",
        compute='_compute_joined_on',
        store=True,
        readonly=False,
        help="When the salesperson joined the team: the day on which they were made its member, "
        "unless another is set.",
    )
    seniority_by_hand = fields.Selection(
        selection=SENIORITY,
        tracking=True,
        help="Seniority regardless of the time in the team. Empty: by the time in the team.",
    )
    seniority = fields.Selection(
        selection=SENIORITY,
        compute='_compute_seniority',
        inverse='_inverse_seniority',
        search='_search_seniority',
        help="A novice should not be given key accounts. By hand, or else a novice for the months that "
        "the settings say after joining the team.",
    )

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'crm_team_id')
    def _compute_joined_on(self):
        # The dependencies compute the date of a new membership. A date that is set stays.
        for member in self:
            company = member.crm_team_id.company_id or self.env.company
            member.joined_on = member.joined_on or (
                company._get_sales_day(member.create_date)
                if member.create_date
                else company._get_sales_today()
            )

    @api.depends('seniority_by_hand', 'joined_on', 'crm_team_id.company_id.novice_months')
    @api.depends_context('company')
    def _compute_seniority(self):
        for member in self:
            by_time = (
                'novice'
                if member.joined_on and member.joined_on > member._get_novice_since()
                else 'senior'
            )
            member.seniority = member.seniority_by_hand or by_time

    def _inverse_seniority(self):
        for member in self:
            member.seniority_by_hand = member.seniority

    @api.model
    def _search_seniority(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # Each company has its own rule. There are few memberships, so that filtering is fast enough.
        members = self.with_context(active_test=False).search(Domain.TRUE)
        return Domain('id', 'in', members.filtered(lambda member: member.seniority in value).ids)

    def _get_novice_since(self):
        """Return the last day on which a senior joined. Members who joined later are novices."""
        company = self.crm_team_id.company_id or self.env.company
        return company._get_sales_today() - relativedelta(months=company.novice_months)

    # === BUSINESS METHODS === #

    @api.model
    def _get_novices(self, users):
        """Return the users who are novices in a team and seniors in none."""
        # In sudo mode: seniority does not depend on the access rights of the current user.
        members_sudo = self.sudo().search([('user_id', 'in', users.ids)])
        seniors = members_sudo.filtered(lambda member: member.seniority == 'senior').user_id
        return users.browse((members_sudo.user_id - seniors).ids)

    @api.model
    def _get_novice_sentence(self, customer_name, user_name):
        """Return the warning about a key account that goes to a novice."""
        return self.env._(
            "%(customer)s is a key account, and %(user)s is still a novice.",
            customer=customer_name,
            user=user_name,
        )

    @api.model
    def _get_novice_sentences(self, pairs):
        """Return a warning for each key account that goes to a novice.

        :param pairs: Pairs of a customer (res.partner, a company) and the user who gets it.
        :rtype: list[str]
        """
        # In sudo mode: the rule does not depend on the current user's access to customers and users.
        pairs_sudo = dict.fromkeys((customer.sudo(), user.sudo()) for customer, user in pairs)
        users_sudo = self.env['res.users'].sudo().union(*(user for _customer, user in pairs_sudo))
        novices_sudo = self._get_novices(users_sudo)
        pairs_sudo = [pair for pair in pairs_sudo if pair[1] in novices_sudo]
        key_accounts_sudo = (
            self
            .env['res.partner']
            .sudo()
            .union(*(customer for customer, _user in pairs_sudo))
            .filtered('is_key_account')
        )
        return [
            self._get_novice_sentence(customer.display_name, user.name)
            for customer, user in pairs_sudo
            if customer in key_accounts_sudo
        ]
