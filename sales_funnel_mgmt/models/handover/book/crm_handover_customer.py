"""Define the customer of a handover: what is handed over, to whom, and when."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...base.arguments import check_one
from ...base.naming import name_some
from ...base.tools import is_open_opportunity
from ..crm_handover_line import ONGOING_STATES


class CrmHandoverCustomer(models.Model):
    """Record the receiver of a customer, with its opportunities and its other documents."""

    _name = 'crm.handover.customer'
    _description = "Handover Customer"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'handover_id desc, customer_name, id'
    _rec_name = 'customer_name'
    _check_company_auto = True
    # Field of the findings that links to a record of this model
    _finding_field = 'handover_customer_id'

    handover_id = fields.Many2one(
        comodel_name='crm.handover',
        required=True,
        ondelete='cascade',
        index=True,
        help="Handover that the customer is part of.",
    )
    company_id = fields.Many2one(
        related='handover_id.company_id', store=True, system=True, help="Company of the handover."
    )
    company_currency = fields.Many2one(
        related='handover_id.company_currency', help="Currency of the company."
    )
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        ondelete='set null',
        index='btree_not_null',
        help="The customer: the company of the contact, or the contact itself. Empty for an opportunity "
        "without a contact, which counts as a customer of its own.",
    )
    customer_name = fields.Char(
        string="Name of the Customer",
        readonly=True,
        system=True,
        help="Name that the customer had when it was added; stays when the contact is deleted.",
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Receiver",
        ondelete='set null',
        index='btree_not_null',
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Salesperson who gets the customer. Empty: not allocated, it stays where it is.",
    )
    override_reason = fields.Char(
        help="Why a locked customer is handed over all the same. It is noted in its chatter. Not needed "
        "if one of its opportunities has a reason.",
    )
    line_ids = fields.One2many(
        comodel_name='crm.handover.line',
        inverse_name='handover_customer_id',
        string="Opportunities",
        help="Opportunities of the customer.",
    )
    document_ids = fields.One2many(
        comodel_name='crm.handover.document',
        inverse_name='handover_customer_id',
        string="Documents",
        help="The contacts, leads, quotations and other documents of the customer.",
    )
    finding_ids = fields.One2many(
        comodel_name='crm.handover.finding',
        inverse_name='handover_customer_id',
        string="Findings",
        help="What the audit found at the customer itself.",
    )
    open_finding_count = fields.Integer(
        string="Open Findings",
        compute='_compute_open_finding_count',
        compute_sudo=True,
        help="Findings at the customer and at its opportunities that are neither fixed nor waived.",
    )
    opportunity_count = fields.Integer(
        string="Number of Opportunities",
        compute='_compute_figures',
        help="Number of opportunities of the customer in this handover.",
    )
    document_count = fields.Integer(
        string="Number of Documents",
        compute='_compute_figures',
        help="Number of contacts, leads, quotations and other documents in this handover.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        compute='_compute_figures',
        help="Sum of the expected revenues of the opportunities.",
    )
    is_shared = fields.Boolean(
        string="Shared",
        compute='_compute_is_shared',
        compute_sudo=True,
        help="Several salespeople hold open opportunities of the customer. Only then may a single "
        "opportunity have a receiver of its own.",
    )
    is_salesperson_locked = fields.Boolean(
        string="Locked",
        compute='_compute_is_salesperson_locked',
        compute_sudo=True,
        help="The salesperson of one of the contacts or documents is locked: the customer changes "
        "hands only with a reason.",
    )
    is_transferred = fields.Boolean(
        string="Transferred",
        compute='_compute_transfers',
        compute_sudo=True,
        help="Something of the customer is with its new salesperson.",
    )
    can_undo = fields.Boolean(
        compute='_compute_transfers',
        compute_sudo=True,
        help="Something of the customer was transferred less than 24 hours ago.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('in_progress', "In Progress"),
            ('done', "Done"),
            ('skipped', "Skipped"),
            ('undone', "Undone"),
            ('cancelled', "Cancelled"),
        ],
        compute='_compute_state',
        help="In progress: something of the customer is not with its new salesperson yet, or tasks are "
        "open. Done: all of it is. Skipped: nothing of it was handed over.",
    )

    _customer_uniq = models.UniqueIndex(
        '(handover_id, customer_id) WHERE customer_id IS NOT NULL',
        "A customer is once in a handover.",
    )

    # === COMPUTE METHODS === #

    @api.depends('line_ids.expected_revenue', 'document_ids')
    def _compute_figures(self):
        for customer in self:
            customer.opportunity_count = len(customer.line_ids)
            customer.document_count = len(customer.document_ids)
            customer.expected_revenue = sum(customer.line_ids.mapped('expected_revenue'))

    @api.depends('finding_ids.state', 'line_ids.finding_ids.state')
    def _compute_open_finding_count(self):
        for customer in self:
            findings = customer.finding_ids | customer.line_ids.finding_ids
            customer.open_finding_count = len(
                findings.filtered(lambda finding: finding.state == 'open')
            )

    @api.depends('customer_id', 'line_ids.from_user_id')
    def _compute_is_shared(self):
        self.env['crm.lead'].flush_model(['customer_id', 'user_id', 'active', 'stage_id', 'type'])
        shared_ids = {
            id_
            for (id_,) in self.env.execute_query(
                SQL(
                    """
                    SELECT lead.customer_id
                      FROM crm_lead lead
                     WHERE lead.customer_id = ANY(%s)
                       AND lead.user_id IS NOT NULL
                       AND %s
                  GROUP BY lead.customer_id
                    HAVING COUNT(DISTINCT lead.user_id) > 1
                    """,
                    self.customer_id.ids,
                    is_open_opportunity('lead'),
                )
            )
        }
        for customer in self:
            customer.is_shared = (
                customer.customer_id.id in shared_ids or len(customer.line_ids.from_user_id) > 1
            )

    @api.depends('customer_id', 'document_ids')
    def _compute_is_salesperson_locked(self):
        locked = self.document_ids._filter_locked().handover_customer_id
        for customer in self:
            customer.is_salesperson_locked = customer in locked

    @api.depends('line_ids.state', 'document_ids.state')
    def _compute_transfers(self):
        lines, documents = self.line_ids, self.document_ids
        undoable = (
            lines.filtered_domain(lines._get_undo_domain()).handover_customer_id
            | documents.filtered_domain(documents._get_undo_domain()).handover_customer_id
        )
        transferred = (
            lines.filtered('transferred_at').handover_customer_id
            | documents.filtered('transferred_at').handover_customer_id
        )
        for customer in self:
            customer.can_undo = customer in undoable
            customer.is_transferred = customer in transferred

    @api.depends('line_ids.state', 'document_ids.state')
    def _compute_state(self):
        for customer in self:
            states = {*customer.line_ids.mapped('state'), *customer.document_ids.mapped('state')}
            if states & {*ONGOING_STATES}:
                customer.state = 'in_progress'
            else:
                customer.state = next(
                    (
                        state
                        for state in ('draft', 'done', 'undone', 'cancelled', 'skipped')
                        if state in states
                    ),
                    'draft' if customer.handover_id.state == 'draft' else 'skipped',
                )

    # === CONSTRAINT METHODS === #

    @api.constrains('to_user_id')
    def _check_to_user(self):
        for (handover, user), _customers in self.grouped(
            lambda customer: (customer.handover_id, customer.to_user_id)
        ).items():
            if user:
                handover._check_can_receive(user)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to add all that the outgoing salesperson holds of a customer that a user adds."""
        if self.env.su:
            return super().create(vals_list)
        given_ids = [vals.get('customer_id') for vals in vals_list]
        if not all(given_ids):
            raise UserError(self.env._("Please choose a customer for each line of the handover."))
        # A contact stands for its company.
        customers = super().create([
            {
                **vals,
                'customer_id': self.env['res.partner'].browse(id_).commercial_partner_id.id,
            }
            for vals, id_ in zip(vals_list, given_ids, strict=True)
        ])
        # In sudo mode: only the system writes the name.
        for customer in customers:
            customer.sudo().customer_name = customer.customer_id.display_name
        customers.handover_id._check_may_run()
        customers.handover_id._check_state('draft')
        for handover, own in customers.grouped('handover_id').items():
            handover._add_customers(own)
        return customers

    def write(self, vals):
        """Override to give the opportunities of the customer the same receiver."""
        if not self.env.su:
            # First: the errors below name customers.
            self.check_access('write')
            if not {'handover_id', 'customer_id'}.isdisjoint(vals):
                raise UserError(
                    self.env._(
                        "The customer of a line stays. Please remove the line, and add another "
                        "customer: %(customers)s",
                        customers=name_some(self.env, self),
                    )
                )
            self.handover_id._check_state('draft', 'in_progress')
            self._check_not_transferred()
        former = {customer: customer.to_user_id for customer in self}
        result = super().write(vals)
        if 'to_user_id' in vals:
            self._give_receiver_to_lines(former)
        if not self.env.su and not {'to_user_id', 'override_reason'}.isdisjoint(vals):
            # In sudo mode: only the system writes the states.
            self.handover_id.sudo()._start_waves()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        # A customer that was merged into another one is empty.
        held = self.filtered(lambda customer: customer.line_ids or customer.document_ids)
        held.handover_id._check_not_started()

    # === ACTION METHODS === #

    def action_open_customer(self):
        """Open the customer. Do nothing if it was deleted."""
        check_one(self)
        return self.customer_id.get_formview_action() if self.customer_id else False

    def action_undo(self):
        """Give back what of these customers was transferred in the last 24 hours."""
        handovers = self.handover_id
        handovers._check_may_run()
        handovers._undo(self)
        return True

    # === BUSINESS METHODS === #

    def _check_not_transferred(self):
        """Check that nothing of the customers was transferred.

        :raise UserError: If something was.
        """
        moved = self.filtered('is_transferred')
        if moved:
            raise UserError(
                self.env._(
                    "These customers are with their new salespeople already: %(customers)s. You can "
                    "hand them over again.",
                    customers=name_some(self.env, moved),
                )
            )

    def _give_receiver_to_lines(self, former):
        """Give the opportunities the receiver of their customer, except those with one of their own.

        :param dict former: Former receiver by customer.
        """
        for user, customers in self.grouped('to_user_id').items():
            lines = customers.line_ids.filtered(
                lambda line, user=user: (
                    line.state in ('draft', *ONGOING_STATES)
                    and not line.transferred_at
                    and (
                        not line.to_user_id
                        or line.to_user_id == former[line.handover_customer_id]
                        or not line.handover_customer_id.is_shared
                    )
                    and line.to_user_id != user
                    and line.from_user_id != user
                )
            )
            lines._set_receiver(user)

    def _advance(self):
        """Transfer the documents of customers whose opportunities are settled. In sudo mode.

        Until then the customer stays with the outgoing salesperson, who still has tasks at it.
        """
        ready = self.filtered(
            lambda customer: (
                not any(
                    line.state in ONGOING_STATES and not line.transferred_at
                    for line in customer.line_ids
                )
            )
        )
        ready.document_ids.filtered(lambda document: document.state == 'waiting')._transfer()

    @api.model
    def _merge_customers(self, merged, remaining):
        """Unite the customers of a handover whose contacts are merged. In sudo mode.

        The customer that remains keeps its receiver and its reason, if it has them.

        :param res.partner merged: Contacts that go.
        :param res.partner remaining: Contact that remains.
        """
        customers = self.search([('customer_id', 'in', (merged | remaining).ids)])
        for own in customers.grouped('handover_id').values():
            keeper = own.filtered(lambda one: one.customer_id == remaining)[:1] or own[:1]
            others = own - keeper
            if not others:
                continue
            others.line_ids.handover_customer_id = keeper
            others.document_ids.handover_customer_id = keeper
            others.finding_ids.filtered(
                lambda finding, known=keeper.finding_ids.check_id: finding.check_id not in known
            ).handover_customer_id = keeper
            keeper.write({
                name: others.filtered(name)[:1][name]
                for name in ('to_user_id', 'override_reason')
                if not keeper[name] and others.filtered(name)
            })
            others.invalidate_recordset()
            others.unlink()

    def _get_reason(self):
        """Return the reason for handing over the customer in spite of the lock, or an empty text."""
        self.ensure_one()
        reasons = (self.override_reason, *self.line_ids.mapped('override_reason'))
        return next((reason.strip() for reason in reasons if reason and reason.strip()), "")
