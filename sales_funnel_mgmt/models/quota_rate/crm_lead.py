"""Compute the quota rate of an opportunity, its origin and the quota amount.

This file computes them record by record, for edits by users. The folder `propagation` applies the same
rules in SQL, for changed rates of stages, teams and customers. Tests compare the two.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.group_measures import get_ratio, get_sum
from ..base.orm import get_cached_values
from ..base.tools import check_percentage
from .amount import get_quota_amount

# Where an applied rate can come from
ORIGINS = [
    ('opportunity', "Opportunity"),
    ('customer', "Customer"),
    ('team', "Sales Team"),
    ('stage', "Stage"),
]
# Fields of an own rate
OWN_RATE_FIELDS = frozenset(('has_own_quota_rate', 'own_quota_rate', 'own_quota_rate_reason'))


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    quota_rate = fields.Float(
        string="Quota Rate (%)",
        digits=(5, 2),
        compute='_compute_quota_rate',
        store=True,
        system=True,
        aggregator='avg',
        help="Percentage of the expected revenue that counts towards quota: the opportunity's own "
        "rate, else the customer's in this stage, else the sales team's, else the stage's. "
        "Of a group of opportunities: their quota amount divided by their expected revenue.",
    )
    quota_rate_origin = fields.Selection(
        selection=ORIGINS,
        compute='_compute_quota_rate',
        store=True,
        system=True,
        help="Where the applied quota rate comes from.",
    )
    quota_rate_explanation = fields.Char(
        compute='_compute_quota_rate_explanation',
        help="Where the applied quota rate comes from, in words.",
    )
    quota_amount = fields.Monetary(
        currency_field='company_currency',
        compute='_compute_quota_amount',
        store=True,
        system=True,
        help="Expected revenue × quota rate, in the currency of the company.",
    )
    has_own_quota_rate = fields.Boolean(
        string="Own Quota Rate",
        compute='_compute_own_quota_rate',
        store=True,
        readonly=False,
        write_groups='sales_team.group_sale_manager',
        copy=False,
        tracking=True,
        help="This opportunity counts with a rate of its own while it stays in its stage; when the "
        "stage changes, the rate lapses. Sales administrators only.",
    )
    own_quota_rate = fields.Float(
        string="Own Rate (%)",
        digits=(5, 2),
        compute='_compute_own_quota_rate',
        store=True,
        readonly=False,
        write_groups='sales_team.group_sale_manager',
        copy=False,
        tracking=True,
        aggregator=None,
        help="Percentage (0 to 100) of the expected revenue that counts towards quota in place of "
        "the rates of customer, sales team and stage.",
    )
    own_quota_rate_reason = fields.Char(
        string="Reason of the Own Rate",
        compute='_compute_own_quota_rate',
        store=True,
        readonly=False,
        write_groups='sales_team.group_sale_manager',
        copy=False,
        tracking=True,
        help="Why this opportunity counts differently.",
    )
    own_quota_rate_stage_id = fields.Many2one(
        comodel_name='crm.stage',
        string="Stage of the Own Rate",
        readonly=True,
        system=True,
        copy=False,
        ondelete='set null',
        help="Stage in which the own rate was given and to which it belongs.",
    )

    # All columns that the quota report adds up, which then reads the index and not the table.
    _closing_idx = models.Index(
        '(date_deadline) INCLUDE (stage_id, user_id, team_id, company_id, quota_amount, id)'
        " WHERE active AND type = 'opportunity'"
    )

    # === COMPUTE METHODS === #

    @api.depends('stage_id', 'active')
    def _compute_own_quota_rate(self):
        """Remove the own rate when the stage changes, by any means."""
        # Compare the stages: writing the same stage again triggers this method as well. A closed
        # opportunity keeps its own rate until it is reopened.
        lapsed = self.filtered(
            lambda lead: (
                lead.has_own_quota_rate
                and lead.active
                and lead.own_quota_rate_stage_id != lead.stage_id
            )
        )
        if lapsed:
            lapsed.has_own_quota_rate = False
            lapsed.own_quota_rate = 0
            lapsed.own_quota_rate_reason = False

    @api.depends(
        'stage_id',
        'team_id',
        'company_id',
        'customer_id',
        'active',
        'has_own_quota_rate',
        'own_quota_rate',
    )
    def _compute_quota_rate(self):
        # The rates of stages, teams and customers are not dependencies: `_propagate_quota_rates`
        # updates the opportunities in SQL. A closed opportunity keeps its last rate.
        closed = self.filtered(lambda lead: not lead.active and lead.quota_rate_origin)
        for lead in closed:
            lead.quota_rate = lead.quota_rate
            lead.quota_rate_origin = lead.quota_rate_origin
        open_leads = self - closed
        rate_by_lead = self.env['crm.quota.rate']._find_by_lead(open_leads)
        for lead in open_leads:
            if lead.has_own_quota_rate and not lead.stage_id.is_won:
                lead.quota_rate = lead.own_quota_rate
                lead.quota_rate_origin = 'opportunity'
            elif rate := rate_by_lead.get(lead.id):
                lead.quota_rate = rate.rate
                lead.quota_rate_origin = 'team' if rate.team_id else 'customer'
            else:
                lead.quota_rate = lead.stage_id.quota_rate
                lead.quota_rate_origin = 'stage'

    # `quota_rate` depends on the company, which says what the amount is rounded to.
    @api.depends('expected_revenue', 'quota_rate')
    def _compute_quota_amount(self):
        known = get_cached_values(self, 'quota_amount')
        for lead in self:
            amount = get_quota_amount(lead.expected_revenue, lead.quota_rate, lead.company_currency)
            # Odoo leaves an amount as it is if it is the new one when rounded. After a change of company
            # it would keep the decimals of the former currency.
            if known.get(lead.id) != amount:
                lead.invalidate_recordset(['quota_amount'], flush=False)
            lead.quota_amount = amount

    @api.depends(
        'quota_rate_origin',
        'own_quota_rate_reason',
        'stage_id',
        'team_id',
        'partner_id',
    )
    @api.depends_context('lang')
    def _compute_quota_rate_explanation(self):
        for lead in self:
            stage = lead.stage_id.display_name or ""
            match lead.quota_rate_origin:
                case 'opportunity' if lead.own_quota_rate_reason:
                    text = self.env._("Own rate: %(reason)s", reason=lead.own_quota_rate_reason)
                case 'opportunity':
                    text = self.env._("Own rate")
                case 'customer':
                    text = self.env._(
                        "Rate of the customer %(customer)s in stage %(stage)s",
                        # In sudo mode: the user may lack access to the customer, but the
                        # opportunity shows its name anyway.
                        customer=lead.customer_id.sudo().name or "",
                        stage=stage,
                    )
                case 'team':
                    text = self.env._(
                        "Rate of the sales team %(team)s in stage %(stage)s",
                        team=lead.team_id.sudo().name or "",
                        stage=stage,
                    )
                case _:
                    text = self.env._("Rate of stage %(stage)s", stage=stage)
            lead.quota_rate_explanation = text

    # === ONCHANGE METHODS === #

    @api.onchange('has_own_quota_rate')
    def _onchange_has_own_quota_rate(self):
        """Start from the rate that applies without an own rate."""
        if self.has_own_quota_rate and not self._origin.has_own_quota_rate:
            self.own_quota_rate = self._origin.quota_rate or self.stage_id.quota_rate
            # Set before the form is saved, or another change in it would remove the own rate.
            self.own_quota_rate_stage_id = self.stage_id

    # === CONSTRAINT METHODS === #

    @api.constrains('has_own_quota_rate', 'own_quota_rate', 'own_quota_rate_reason')
    def _check_own_quota_rate(self):
        own_rated = self.filtered('has_own_quota_rate')
        check_percentage(own_rated, 'own_quota_rate')
        unexplained = own_rated.filtered(
            lambda lead: not (lead.own_quota_rate_reason or "").strip()
        )
        if unexplained:
            raise ValidationError(
                self.env._(
                    "An own quota rate needs a reason. Please give one for: %(leads)s",
                    leads=", ".join(unexplained.mapped('display_name')),
                )
            )
        won = own_rated.filtered('stage_id.is_won')
        if won:
            raise ValidationError(
                self.env._(
                    "What is won counts in full: an opportunity in a won stage takes no own quota "
                    "rate. Please remove it from: %(leads)s",
                    leads=", ".join(won.mapped('display_name')),
                )
            )

    # === CRUD METHODS === #

    @api.model
    def _complete_own_quota_rate(self, vals):
        """Return the values to write: an own rate that is removed loses its rate and reason."""
        if vals.get('has_own_quota_rate') is False:
            return {**vals, 'own_quota_rate': 0, 'own_quota_rate_reason': False}
        return vals

    def _store_stage_of_own_quota_rate(self, vals=None):
        """Store the stage in which an own rate is given: the rate applies in this stage only.

        :param dict vals: Values that were written. None: the opportunities were created.
        """
        if vals is not None and OWN_RATE_FIELDS.isdisjoint(vals):
            return
        # In sudo mode: only the system writes this field.
        for stage, leads_sudo in (
            self.sudo().filtered('has_own_quota_rate').grouped('stage_id').items()
        ):
            leads_sudo.own_quota_rate_stage_id = stage

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Compute the rate of a group as its quota amount ÷ its revenue, not as an average."""
        if aggregate_spec == 'quota_rate:avg':
            return get_ratio(
                get_sum(self, 'quota_amount', query), get_sum(self, 'expected_revenue', query), 100
            )
        return super()._read_group_select(aggregate_spec, query)
