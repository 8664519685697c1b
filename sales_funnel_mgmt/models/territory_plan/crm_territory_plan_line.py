"""Define the line of a territory plan: the opportunities of a customer with one salesperson."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.arguments import check_one
from ..base.naming import name_some


class CrmTerritoryPlanLine(models.Model):
    """Record the present and the planned salesperson of a customer.

    A customer with several salespeople has a line for each.
    """

    _name = 'crm.territory.plan.line'
    _description = "Territory Plan Line"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'plan_id, load desc, id'
    _log_access = False

    plan_id = fields.Many2one(
        comodel_name='crm.territory.plan',
        required=True,
        readonly=True,
        system=True,
        ondelete='cascade',
        index=True,
        help="Plan that the customer is part of.",
    )
    company_id = fields.Many2one(related='plan_id.company_id', help="Company of the plan.")
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        system=True,
        ondelete='set null',
        index='btree_not_null',
        help="The customer. Empty: an opportunity without a contact, which counts as one.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        system=True,
        ondelete='set null',
        index='btree_not_null',
        help="The opportunity, where it has no contact.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="From",
        readonly=True,
        system=True,
        required=True,
        ondelete='cascade',
        help="Who holds the customer today.",
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="To",
        required=True,
        ondelete='cascade',
        index=True,
        group_expand='_expand_receivers',
        help="Who would hold the customer.",
    )
    is_moved = fields.Boolean(
        string="Moves",
        compute='_compute_is_moved',
        store=True,
        system=True,
        help="The customer would get another salesperson.",
    )
    opportunity_count = fields.Integer(
        string="Opportunities",
        readonly=True,
        system=True,
        help="Opportunities of the customer with this salesperson, open and won.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        system=True,
        help="Their expected revenue.",
    )
    quota_amount = fields.Monetary(
        currency_field='company_currency', readonly=True, system=True, help="Their quota amount."
    )
    company_currency = fields.Many2one(
        comodel_name='res.currency',
        string="Currency",
        readonly=True,
        system=True,
        help="Currency of the amounts: that of the company.",
    )
    load = fields.Float(
        string="Load (%)",
        digits=(16, 3),
        readonly=True,
        system=True,
        help="Load that the customer adds to its salesperson, by the weights of the plan.",
    )
    is_won = fields.Boolean(
        string="Won Customer", readonly=True, system=True, help="One of the opportunities is won."
    )
    is_locked = fields.Boolean(
        string="Locked",
        readonly=True,
        system=True,
        help="One of the opportunities is in a stage with the salesperson lock: the customer stays.",
    )
    is_key_account = fields.Boolean(
        string="Key Account",
        readonly=True,
        system=True,
        help="No novice should be given this customer.",
    )
    is_shared = fields.Boolean(
        string="Shared",
        readonly=True,
        system=True,
        help="Several salespeople hold opportunities of this customer today. What each of them holds "
        "moves as a whole, so that no plan leaves a customer with more salespeople than before. To "
        "bring it together, give all of it to one of them.",
    )
    reason = fields.Selection(
        selection=[
            ('concentration', "Concentration"),
            ('capacity', "Capacity"),
            ('balance', "Balance"),
            ('exchange', "Exchange"),
            ('manual', "By hand"),
        ],
        readonly=True,
        system=True,
        help="Why the customer moves.",
    )
    explanation = fields.Char(
        compute='_compute_explanation', help="Why the customer moves, in a sentence."
    )
    violation = fields.Char(
        compute='_compute_violation', help="Which rule the move breaks, in a sentence."
    )

    # === COMPUTE METHODS === #

    @api.depends('customer_id', 'lead_id')
    def _compute_display_name(self):
        for line in self:
            # In sudo mode: the parent company of a contact may be closed to the user.
            line.display_name = (
                line.customer_id.sudo().display_name
                or line.lead_id.sudo().name
                or self.env._("Deleted")
            )

    @api.depends('from_user_id', 'to_user_id')
    def _compute_is_moved(self):
        for line in self:
            line.is_moved = line.from_user_id != line.to_user_id

    @api.depends('reason', 'from_user_id', 'to_user_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        member_by_key = self.plan_id._get_member_by_user()
        for line in self:
            if not line.is_moved:
                line.explanation = False
                continue
            holder = member_by_key.get((line.plan_id.id, line.from_user_id.id))
            receiver = member_by_key.get((line.plan_id.id, line.to_user_id.id))
            # In sudo mode: users of other companies are named.
            figures = {
                'giver': line.from_user_id.sudo().name,
                'taker': line.to_user_id.sudo().name,
                'giver_load': f"{holder.load_before:.1f}" if holder else "0",
                'taker_load': f"{receiver.load_before:.1f}" if receiver else "0",
                'won': holder.won_before if holder else 0,
                'share': f"{holder.won_share_before:.0f}" if holder else "0",
                'count': holder.held_before if holder else 0,
                'capacity': holder.capacity if holder else 0,
            }
            match line.reason:
                case 'concentration':
                    text = self.env._(
                        "%(giver)s holds %(won)s won customers, %(share)s%% of all, which is above the "
                        "limit.",
                        **figures,
                    )
                case 'capacity':
                    text = self.env._(
                        "%(giver)s holds %(count)s customers and can look after %(capacity)s.",
                        **figures,
                    )
                case 'balance':
                    text = self.env._(
                        "%(giver)s has %(giver_load)s%% of the load, %(taker)s only %(taker_load)s%%.",
                        **figures,
                    )
                case 'exchange':
                    text = self.env._(
                        "%(giver)s makes room for customers that come from others.", **figures
                    )
                case _:
                    text = self.env._("Moved by hand.")
            line.explanation = text

    @api.depends('to_user_id', 'is_key_account')
    @api.depends_context('lang')
    def _compute_violation(self):
        member_by_key = self.plan_id._get_member_by_user()
        for line in self:
            receiver = member_by_key.get((line.plan_id.id, line.to_user_id.id))
            violation = False
            if line.is_moved and line.is_key_account and receiver and receiver.is_novice:
                violation = self.env['crm.team.member']._get_novice_sentence(
                    line.display_name, line.to_user_id.sudo().name
                )
            line.violation = violation

    @api.model
    def _expand_receivers(self, users, domain):
        """Return all salespeople of the plan, so that each has a column in the kanban view."""
        plan = self.env['crm.territory.plan'].browse(
            self.env.context.get('territory_plan_id') or []
        )
        return users | plan.exists().user_ids

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to mark moves by hand, and to update the figures of the plan."""
        by_hand = 'to_user_id' in vals and not self.env.su
        if by_hand:
            self._check_may_move(self.env['res.users'].browse(vals['to_user_id']))
        result = super().write(vals)
        if by_hand:
            # In sudo mode: only the system writes reasons and figures.
            lines_sudo = self.sudo()
            moved_sudo = lines_sudo.filtered('is_moved')
            moved_sudo.reason = 'manual'
            (lines_sudo - moved_sudo).reason = False
            lines_sudo.plan_id._refresh_figures()
        return result

    def _check_may_move(self, user):
        """Check that the user may give the customers to a salesperson.

        :param res.users user: New salesperson.
        :raise UserError: If the plan is no proposal, a customer is locked, or the salesperson is not
            in the plan.
        """
        closed = self.plan_id.filtered(lambda plan: plan.state != 'proposed')
        if closed:
            raise UserError(
                self.env._(
                    "Only a proposal can be edited. Please copy the plan, or propose again: %(plans)s",
                    plans=", ".join(closed.mapped('name')),
                )
            )
        locked = self.filtered(lambda line: line.is_locked and line.from_user_id != user)
        if locked:
            raise UserError(
                self.env._(
                    "An opportunity of these customers is in a stage with the salesperson lock, so "
                    "they stay where they are: %(customers)s",
                    customers=name_some(self.env, locked),
                )
            )
        strangers = self.plan_id.filtered(lambda plan: user not in plan.user_ids)
        if strangers:
            raise UserError(
                self.env._(
                    "%(user)s does not take part in the plan %(plan)s. Please add them to its "
                    "salespeople first, and propose again.",
                    user=user.sudo().name,
                    plan=strangers[0].name,
                )
            )

    # === ACTION METHODS === #

    def action_put_back(self):
        """Set the present salesperson as the planned one again."""
        for user, lines in self.filtered('is_moved').grouped('from_user_id').items():
            lines.to_user_id = user
        return True

    def action_open_customer(self):
        """Open the opportunities of the customer."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_workload_report_action'
            ),
            'name': self.display_name,
            'views': [(False, 'list')],
            'domain': [
                ('customer_id', '=', self.customer_id.id),
                ('user_id', '=', self.from_user_id.id),
                *([] if self.customer_id else [('lead_id', '=', self.lead_id.id)]),
            ],
        }
