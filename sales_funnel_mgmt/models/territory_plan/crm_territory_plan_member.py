"""Define the member of a territory plan: the figures of a salesperson before and after."""

from odoo import api, fields, models


class CrmTerritoryPlanMember(models.Model):
    """Record what a salesperson holds before and after. Only the system writes it."""

    _name = 'crm.territory.plan.member'
    _description = "Territory Plan Figures"
    _inherit = ['crm.given.record.mixin']
    _order = 'plan_id, load_before desc, id'
    _rec_name = 'user_id'
    _log_access = False

    plan_id = fields.Many2one(
        comodel_name='crm.territory.plan',
        required=True,
        readonly=True,
        ondelete='cascade',
        index=True,
        help="The plan.",
    )
    company_id = fields.Many2one(related='plan_id.company_id', help="Company of the plan.")
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        required=True,
        readonly=True,
        ondelete='cascade',
        help="The salesperson.",
    )
    is_novice = fields.Boolean(
        string="Novice", readonly=True, help="Gets no key accounts from a proposal."
    )
    capacity = fields.Integer(
        string="Holding Capacity",
        readonly=True,
        aggregator=None,
        help="How many customers the salesperson can look after in all. 0: no limit.",
    )
    other_customers = fields.Integer(
        readonly=True,
        help="Customers that the salesperson holds besides those of the plan. They count towards the "
        "capacity.",
    )
    other_won = fields.Integer(
        string="Other Won Customers",
        readonly=True,
        help="Won ones among the other customers. They count towards the concentration.",
    )
    customers_before = fields.Integer(readonly=True, help="Customers of the plan, as it is.")
    customers_after = fields.Integer(readonly=True, help="Customers of the plan, as planned.")
    opportunities_before = fields.Integer(readonly=True, help="Opportunities, as it is.")
    opportunities_after = fields.Integer(readonly=True, help="Opportunities, as planned.")
    revenue_before = fields.Monetary(
        currency_field='company_currency', readonly=True, help="Expected revenue, as it is."
    )
    revenue_after = fields.Monetary(
        currency_field='company_currency', readonly=True, help="Expected revenue, as planned."
    )
    quota_before = fields.Monetary(
        string="Quota Amount Before",
        currency_field='company_currency',
        readonly=True,
        help="Quota amount, as it is.",
    )
    quota_after = fields.Monetary(
        string="Quota Amount After",
        currency_field='company_currency',
        readonly=True,
        help="Quota amount, as planned.",
    )
    company_currency = fields.Many2one(
        comodel_name='res.currency',
        string="Currency",
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    won_before = fields.Integer(
        string="Won Customers Before",
        readonly=True,
        help="Won customers, those outside the plan included, as it is.",
    )
    won_after = fields.Integer(
        string="Won Customers After",
        readonly=True,
        help="Won customers, those outside the plan included, as planned.",
    )
    won_share_before = fields.Float(
        string="Share of Won Customers Before (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Won customers ÷ different won customers of all salespeople of the plan, as it is. Of a "
        "group: the largest.",
    )
    won_share_after = fields.Float(
        string="Share of Won Customers After (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Won customers ÷ different won customers of all salespeople of the plan, as planned. Of a "
        "group: the largest.",
    )
    load_before = fields.Float(
        string="Load Before (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Share of the plan's load, by its weights, as it is. Of a group: the largest.",
    )
    load_after = fields.Float(
        string="Load After (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Share of the plan's load, by its weights, as planned. Of a group: the largest.",
    )
    held_before = fields.Integer(
        compute='_compute_held', help="All customers that the salesperson holds, as it is."
    )
    held_after = fields.Integer(
        compute='_compute_held', help="All customers that the salesperson would hold."
    )
    violation = fields.Char(
        compute='_compute_violation', help="Which limit the salesperson would be above."
    )

    # === COMPUTE METHODS === #

    @api.depends('other_customers', 'customers_before', 'customers_after')
    def _compute_held(self):
        for member in self:
            member.held_before = member.other_customers + member.customers_before
            member.held_after = member.other_customers + member.customers_after

    @api.depends('held_after', 'capacity', 'won_share_after')
    @api.depends_context('lang')
    def _compute_violation(self):
        limit_by_plan = {plan: plan._get_concentration_limit() for plan in self.plan_id}
        for member in self:
            limit = limit_by_plan[member.plan_id]
            name = member.user_id.sudo().name
            if member.capacity and member.held_after > member.capacity:
                member.violation = self.env['crm.team.member']._get_capacity_sentence(
                    name, member.held_after, member.capacity
                )
            elif limit is not None and member.won_share_after > limit:
                member.violation = self.env._(
                    "%(user)s would hold %(share)s%% of the won customers; the limit is %(limit)s%%.",
                    user=name,
                    share=f"{member.won_share_after:.1f}",
                    limit=f"{limit:g}",
                )
            else:
                member.violation = False
