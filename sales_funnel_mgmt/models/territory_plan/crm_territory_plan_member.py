"""Define the member of a territory plan: the figures of a salesperson before and after."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.group_measures import get_distinct_count
from ..customer.key import get_customer_key

# Who holds a line of the plan, by the moment of a figure
HOLDERS = {'before': 'from_user_id', 'after': 'to_user_id'}


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
    customers_before = fields.Integer(
        readonly=True, help="Customers of the plan, as it is. Of a group: different ones."
    )
    customers_after = fields.Integer(
        readonly=True, help="Customers of the plan, as planned. Of a group: different ones."
    )
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

    # === SUMS === #

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to count a customer of several salespeople once in the numbers of a group."""
        name, _colon, function = aggregate_spec.partition(':')
        figure, _underscore, moment = name.partition('_')
        if figure not in ('customers', 'won') or function != 'sum':
            return super()._read_group_select(aggregate_spec, query)
        line_fields = self.env['crm.territory.plan.line']._fields
        count = SQL(
            """(
            SELECT %(count)s
              FROM crm_territory_plan_member part
              JOIN crm_territory_plan_line line ON line.plan_id = part.plan_id
                                               AND %(holder)s = part.user_id
             WHERE part.id = ANY(ARRAY_AGG(%(id)s)) AND %(condition)s)""",
            count=get_distinct_count(get_customer_key('line')),
            holder=SQL.identifier(
                'line',
                HOLDERS[moment],
                to_flush=line_fields[HOLDERS[moment]],
            ),
            id=SQL.identifier(self._table, 'id'),
            condition=SQL("line.is_won") if figure == 'won' else SQL("TRUE"),
        )
        if figure == 'customers':
            return count
        # Of the customers outside the plan, only the numbers are known.
        return SQL("(SUM(%s) + %s)", self._field_to_sql(self._table, 'other_won', query), count)

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
