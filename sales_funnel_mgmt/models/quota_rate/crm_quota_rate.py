"""Define the quota rates of customers and teams, which replace the rate of a stage."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..base.tools import check_percentage


class CrmQuotaRate(models.Model):
    _name = 'crm.quota.rate'
    _description = "Quota Rate"
    _inherit = ['crm.given.record.mixin', 'mail.thread']
    _order = 'stage_id, partner_id, team_id, id'
    _check_company_auto = True

    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        required=True,
        index=True,
        ondelete='cascade',
        tracking=True,
        domain=[('is_won', '=', False)],
        help="The rate counts while an opportunity is in this stage.",
    )
    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Customer",
        index='btree_not_null',
        ondelete='cascade',
        check_company=True,
        tracking=True,
        help="The rate counts for the opportunities of this customer, with any of its contacts.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        index='btree_not_null',
        ondelete='cascade',
        check_company=True,
        tracking=True,
        help="The rate counts for all the opportunities of this team, unless the customer has a "
        "rate of its own.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        compute='_compute_company_id',
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="The customer's rate counts for the opportunities of this company only; empty: of all "
        "companies. A sales team's rate is of the team's company.",
    )
    rate = fields.Float(
        string="Quota Rate (%)",
        digits=(5, 2),
        aggregator=None,
        tracking=True,
        help="Percentage (0 to 100) of the expected revenue that counts towards quota.",
    )

    _check_target = models.Constraint(
        'CHECK(num_nonnulls(partner_id, team_id) = 1)',
        "A quota rate is for a customer or for a sales team: please choose exactly one of them.",
    )
    _partner_uniq = models.UniqueIndex(
        '(stage_id, partner_id, COALESCE(company_id, 0)) WHERE partner_id IS NOT NULL',
        "This customer has a quota rate in this stage already: please change that one.",
    )
    _team_uniq = models.UniqueIndex(
        '(stage_id, team_id) WHERE team_id IS NOT NULL',
        "This sales team has a quota rate in this stage already: please change that one.",
    )

    # === COMPUTE METHODS === #

    @api.depends('team_id.company_id', 'partner_id.company_id')
    def _compute_company_id(self):
        # The field is hidden in databases with one company, where unassigned opportunities have no
        # company: the rate then applies in all companies.
        companies_sudo = self.env['res.company'].sudo()
        several = companies_sudo.search_count([], limit=2) > 1
        default_company = self.env.company if several else self.env['res.company']
        for rate in self:
            if rate.team_id:
                rate.company_id = rate.team_id.company_id
            else:
                rate.company_id = rate.partner_id.company_id or rate.company_id or default_company

    @api.depends('stage_id', 'partner_id', 'team_id')
    def _compute_display_name(self):
        for rate in self:
            target = rate.partner_id.display_name or rate.team_id.display_name or ""
            rate.display_name = f"{target} / {rate.stage_id.display_name or ''}"

    # === CONSTRAINT METHODS === #

    @api.constrains('rate')
    def _check_rate(self):
        check_percentage(self, 'rate')

    @api.constrains('stage_id')
    def _check_stage_is_open(self):
        wrong = self.filtered('stage_id.is_won')
        if wrong:
            raise ValidationError(
                self.env._(
                    "What is won counts in full: a won stage takes no rates of customers or teams. "
                    "Please choose another stage for: %(rates)s",
                    rates=", ".join(wrong.mapped('display_name')),
                )
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create the rates, then update the opportunities."""
        rates = super().create(self._with_commercial_partners(vals_list))
        rates._propagate()
        return rates

    def write(self, vals):
        """Write the values, then update the opportunities of the former and the new rates."""
        if not vals.keys() & {'stage_id', 'partner_id', 'team_id', 'company_id', 'rate'}:
            return super().write(vals)
        before = self._get_lead_domain()
        result = super().write(self._with_commercial_partners([vals])[0])
        self._propagate(before)
        return result

    def unlink(self):
        """Delete the rates, then update the opportunities."""
        domain = self._get_lead_domain()
        result = super().unlink()
        self.env['crm.lead']._propagate_quota_rates(domain)
        return result

    def _with_commercial_partners(self, vals_list):
        """Replace contacts by their customers (commercial entities), which have the rates.

        :return: Copies of the values; those of the caller do not change.
        :rtype: list[dict]
        """
        partners = self.env['res.partner'].browse({
            vals['partner_id'] for vals in vals_list if vals.get('partner_id')
        })
        customer_ids = {partner.id: partner.commercial_partner_id.id for partner in partners}
        return [
            {**vals, 'partner_id': customer_ids[vals['partner_id']]}
            if vals.get('partner_id')
            else dict(vals)
            for vals in vals_list
        ]

    # === BUSINESS METHODS === #

    def _get_lead_domain(self):
        """Return the domain of the opportunities that these rates may apply to."""
        customers_by_stage = defaultdict(set)
        teams_by_stage = defaultdict(set)
        for rate in self:
            customers_by_stage[rate.stage_id.id].update(rate.partner_id.ids)
            teams_by_stage[rate.stage_id.id].update(rate.team_id.ids)
        return Domain.OR(
            Domain('stage_id', '=', stage_id)
            & (
                Domain('customer_id', 'in', list(customers_by_stage[stage_id]))
                | Domain('team_id', 'in', list(teams_by_stage[stage_id]))
            )
            for stage_id in customers_by_stage
        )

    def _propagate(self, former_domain=Domain.FALSE):
        self.env['crm.lead']._propagate_quota_rates(former_domain | self._get_lead_domain())

    @api.model
    def _find_by_lead(self, leads):
        """Return the rate that applies to each lead.

        The rate of the customer precedes that of the sales team. Of a customer's rates, that of the
        lead's company precedes that of all companies. `crm.lead._get_quota_rate_query` is the same
        rule in SQL, for many leads at once.

        :param leads: `crm.lead` records, new ones (onchange) included.
        :return: Applicable rate by lead id, without the leads that have none.
        :rtype: dict
        """
        open_leads = leads.filtered(lambda lead: lead.stage_id and not lead.stage_id.is_won)
        if not open_leads:
            return {}
        # In sudo mode: the rate must not depend on the user who triggers the computation.
        rates_sudo = self.sudo().search(
            Domain('stage_id', 'in', open_leads.stage_id.ids)
            & (
                Domain('team_id', 'in', open_leads.team_id.ids)
                | Domain('partner_id', 'in', open_leads.customer_id.ids)
            ),
        )
        if not rates_sudo:
            return {}

        by_team = {(rate.stage_id.id, rate.team_id.id): rate for rate in rates_sudo if rate.team_id}
        by_customer = {
            (rate.stage_id.id, rate.partner_id.id, rate.company_id.id): rate
            for rate in rates_sudo
            if rate.partner_id
        }
        found = {}
        for lead in open_leads:
            stage_id, company_id = lead.stage_id._origin.id, lead.company_id._origin.id
            customer_id = lead.customer_id._origin.id
            rate = (
                by_customer.get((stage_id, customer_id, company_id))
                or by_customer.get((stage_id, customer_id, False))
                or by_team.get((stage_id, lead.team_id._origin.id))
            )
            if rate:
                found[lead.id] = rate
        return found
