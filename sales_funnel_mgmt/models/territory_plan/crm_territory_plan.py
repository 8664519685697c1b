"""Define the territory plan: a scenario of which salesperson holds which customers."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..base.arguments import check_one

WEIGHTS = ('weight_customers', 'weight_revenue', 'weight_quota')


class CrmTerritoryPlan(models.Model):
    """Compare a planned distribution of customers with the present one.

    The plan does not write to opportunities. It creates handovers, which do.
    """

    _name = 'crm.territory.plan'
    _description = "Territory Plan"
    _inherit = ['crm.given.record.mixin', 'mail.thread', 'crm.system.field.mixin']
    _order = 'id desc'

    name = fields.Char(
        required=True,
        default=lambda self: self.env._("New plan"),
        help="Name of the scenario; several can stand side by side.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        default=lambda self: self.env.company,
        help="Company of the opportunities.",
    )
    company_currency = fields.Many2one(
        related='company_id.currency_id',
        string="Currency",
        help="Currency of the amounts: that of the company.",
    )
    user_ids = fields.Many2many(
        comodel_name='res.users',
        relation='crm_territory_plan_user_rel',
        column1='plan_id',
        column2='user_id',
        string="Salespeople",
        context={'active_test': False},
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Whose customers are spread, and over whom.",
    )
    team_ids = fields.Many2many(
        comodel_name='crm.team',
        relation='crm_territory_plan_team_rel',
        column1='plan_id',
        column2='team_id',
        string="Sales Teams",
        help="Only customers with an opportunity in one of these teams; what the salesperson holds of "
        "such a customer moves as a whole, with what is in other teams. Empty: of all teams.",
    )
    stage_ids = fields.Many2many(
        comodel_name='crm.stage',
        relation='crm_territory_plan_stage_rel',
        column1='plan_id',
        column2='stage_id',
        string="Stages",
        help="Only customers with an opportunity in one of these stages (and sales teams); such a "
        "customer moves as a whole, with what it has in other stages. Empty: all stages.",
    )
    weight_customers = fields.Float(
        string="Weight of Customers",
        default=1,
        help="How much the number of customers counts in the load. The load of a salesperson is the "
        "average of their shares of the plan's customers, expected revenue and quota amount, by these "
        "weights, in percent.",
    )
    weight_revenue = fields.Float(
        string="Weight of Revenue",
        default=0,
        help="How much the expected revenue counts in the load.",
    )
    weight_quota = fields.Float(
        string="Weight of Quota Amount",
        default=1,
        help="How much the quota amount counts in the load.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('computing', "Computing"),
            ('proposed', "Proposed"),
            ('applied', "Applied"),
        ],
        default='draft',
        required=True,
        readonly=True,
        system=True,
        copy=False,
        index=True,
        tracking=True,
        help="Draft: being prepared. Computing: a large plan is worked on in the background. "
        "Proposed: to be looked at, and edited. Applied: draft handovers were made.",
    )
    progress = fields.Float(
        string="Progress (%)",
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="How far the computation in the background has come (0 to 100).",
    )
    taken_at = fields.Datetime(
        string="As Of",
        readonly=True,
        system=True,
        copy=False,
        help="When the figures were taken from the pipeline (UTC). What changes afterwards is noticed "
        "when the plan is applied.",
    )
    line_ids = fields.One2many(
        comodel_name='crm.territory.plan.line',
        inverse_name='plan_id',
        string="Customers",
        help="The customers of the plan: who holds them, and who would.",
    )
    member_ids = fields.One2many(
        comodel_name='crm.territory.plan.member',
        inverse_name='plan_id',
        string="Figures",
        readonly=True,
        help="What each salesperson holds, before and after.",
    )
    won_total = fields.Integer(
        string="Won Customers",
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="Different won customers of the salespeople, those outside the plan included. A customer "
        "that several salespeople hold counts once.",
    )
    concentration_excess = fields.Integer(
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="Won customers that the proposal leaves above the concentration limit, since it could not "
        "be kept.",
    )
    capacity_excess = fields.Integer(
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="Customers that the proposal leaves above holding capacities, since these could not be "
        "kept.",
    )
    largest_before = fields.Float(
        string="Largest Load Before (%)",
        digits=(16, 1),
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="Load of the salesperson with the largest one, as it is.",
    )
    largest_after = fields.Float(
        string="Largest Load After (%)",
        digits=(16, 1),
        readonly=True,
        system=True,
        copy=False,
        aggregator=None,
        help="Load of the salesperson with the largest one, as planned.",
    )
    move_count = fields.Integer(
        string="Moves",
        compute='_compute_counts',
        help="Customers that would get another salesperson.",
    )
    violation_count = fields.Integer(
        string="Violations",
        compute='_compute_counts',
        help="Customers and salespeople that break a rule of the plan.",
    )
    summary = fields.Char(compute='_compute_summary', help="What the plan brings, in a sentence.")
    problem = fields.Text(
        compute='_compute_problem',
        help="What speaks against the plan: somebody has left, a rule is broken.",
    )
    chart = fields.Json(
        compute='_compute_chart',
        help="The figures of the picture: load of each salesperson before and after, in percent.",
    )
    handover_ids = fields.Many2many(
        comodel_name='crm.handover',
        relation='crm_territory_plan_handover_rel',
        column1='plan_id',
        column2='handover_id',
        string="Handovers",
        readonly=True,
        system=True,
        copy=False,
        help="The handovers that were made of this plan.",
    )

    _weights_positive = models.Constraint(
        'CHECK (weight_customers >= 0 AND weight_revenue >= 0 AND weight_quota >= 0)',
        "Weights cannot be negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends('line_ids.to_user_id', 'member_ids.violation')
    def _compute_counts(self):
        Line = self.env['crm.territory.plan.line']
        moved = dict(
            Line._read_group(
                [('plan_id', 'in', self.ids), ('is_moved', '=', True)], ['plan_id'], ['__count']
            )
        )
        violating = self._get_violating_lines()
        for plan in self:
            plan.move_count = moved.get(plan._origin, 0)
            plan.violation_count = len(violating.get(plan._origin, ())) + len(
                plan.member_ids.filtered('violation')
            )

    @api.depends('largest_before', 'largest_after', 'line_ids.to_user_id', 'state')
    @api.depends_context('lang')
    def _compute_summary(self):
        for plan in self:
            plan.summary = plan.state in ('proposed', 'applied') and self.env._(
                "%(moves)s customers move; the largest load goes from %(before)s%% to %(after)s%%.",
                moves=plan.move_count,
                before=f"{plan.largest_before:.1f}",
                after=f"{plan.largest_after:.1f}",
            )

    @api.depends(
        'user_ids.active',
        'team_ids',
        'line_ids.to_user_id',
        'member_ids.violation',
        'concentration_excess',
        'capacity_excess',
    )
    @api.depends_context('lang')
    def _compute_problem(self):
        violating = self._get_violating_lines()
        for plan in self:
            sentences = plan._get_absence_problems()
            sentences += plan._get_excess_problems()
            sentences += plan.member_ids.filtered('violation').mapped('violation')
            if plan._origin in violating:
                sentences += violating[plan._origin][:10].mapped('violation')
            plan.problem = "\n".join(sentences)

    @api.depends('member_ids.load_before', 'member_ids.load_after')
    def _compute_chart(self):
        for plan in self:
            plan.chart = {
                'rows': [
                    {
                        'id': member.user_id.id,
                        'name': member.user_id.sudo().name,
                        'before': round(member.load_before, 2),
                        'after': round(member.load_after, 2),
                        'customers_before': member.customers_before,
                        'customers_after': member.customers_after,
                        'is_broken': bool(member.violation),
                    }
                    for member in plan.member_ids
                ],
            }

    # === CONSTRAINT METHODS === #

    @api.constrains(*WEIGHTS)
    def _check_weights(self):
        for plan in self:
            if not any(plan[name] for name in WEIGHTS):
                raise ValidationError(
                    self.env._(
                        "Nothing would count in the load of %(plan)s. Please give at least one weight.",
                        plan=plan.name,
                    )
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computing(self):
        computing = self.filtered(lambda plan: plan.state == 'computing')
        if computing:
            raise UserError(
                self.env._(
                    "These plans are being computed; please wait until they are done: %(plans)s",
                    plans=", ".join(computing.mapped('name')),
                )
            )

    def copy_data(self, default=None):
        """Override to name the copy."""
        return [
            {**values, 'name': self.env._("%(plan)s (copy)", plan=plan.name)}
            for plan, values in zip(self, super().copy_data(default), strict=True)
        ]

    # === ONCHANGE METHODS === #

    @api.onchange('team_ids')
    def _onchange_team_ids(self):
        """Add the members of the teams to the salespeople."""
        if self.team_ids:
            self.user_ids = [Command.set((self.user_ids | self.team_ids.member_ids).ids)]

    # === ACTION METHODS === #

    def action_view_lines(self):
        """Open the customers of the plan, grouped by receiver."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_territory_plan_line_action'
            ),
            'domain': [('plan_id', '=', self.id)],
            'context': {'territory_plan_id': self.id},
        }

    def action_compare(self):
        """Open the figures of several plans to compare them."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_territory_plan_member_action'
            ),
            'domain': [('plan_id', 'in', self.ids)],
        }

    # === BUSINESS METHODS === #

    def _get_lead_condition(self):
        """Return the SQL condition that the plan's salespeople hold an opportunity (alias `lead`).

        Teams and stages of the plan do not count here: a customer moves whole.
        """
        self.ensure_one()
        return SQL(
            """(lead.active AND lead.type = 'opportunity'
                AND lead.user_id = ANY(%(user_ids)s)
                AND (lead.company_id = %(company_id)s OR lead.company_id IS NULL))""",
            user_ids=self.user_ids.ids,
            company_id=self.company_id.id,
        )

    def _get_absence_problems(self):
        """Return a sentence about the salespeople who were archived, and one about those who left."""
        self.ensure_one()
        sentences = []
        # In sudo mode: archived users and memberships of other teams are read.
        users_sudo = self.sudo().with_context(active_test=False).user_ids
        archived = users_sudo.filtered(lambda user: not user.active)
        if archived:
            sentences.append(
                self.env._(
                    "No longer there: %(users)s. Take them off the receivers and propose again.",
                    users=", ".join(archived.mapped('name')),
                )
            )
        if self.team_ids:
            members_sudo = (
                self
                .env['crm.team.member']
                .sudo()
                .search(
                    Domain('crm_team_id', 'in', self.team_ids.ids)
                    & Domain('user_id', 'in', users_sudo.ids)
                )
            )
            left = users_sudo - archived - members_sudo.user_id
            if left:
                sentences.append(
                    self.env._(
                        "No member of the plan's sales teams: %(users)s.",
                        users=", ".join(left.mapped('name')),
                    )
                )
        return sentences

    def _get_excess_problems(self):
        """Return a sentence about each limit that the proposal could not keep."""
        self.ensure_one()
        sentences = []
        if self.concentration_excess:
            sentences.append(
                self.env._(
                    "The proposal cannot keep the concentration limit of %(limit)s%%: %(count)s won "
                    "customers are above it, and no proposal has fewer customers above the limits. "
                    "Choose more salespeople or a higher limit.",
                    limit=f"{self.company_id.concentration_limit:g}",
                    count=self.concentration_excess,
                )
            )
        if self.capacity_excess:
            sentences.append(
                self.env._(
                    "The proposal cannot keep the holding capacities: %(count)s customers are above "
                    "them, and no proposal has fewer customers above the limits. Choose more "
                    "salespeople or higher capacities.",
                    count=self.capacity_excess,
                )
            )
        return sentences

    def _get_violating_lines(self):
        """Return the moved customers that violate a rule, by plan; plans without one are left out."""
        moved = self.env['crm.territory.plan.line'].search([
            ('plan_id', 'in', self._origin.ids),
            ('is_moved', '=', True),
        ])
        return moved.filtered('violation').grouped('plan_id')
