"""Define the wizard that creates a handover from a selection or a salesperson."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ...models.base.arguments import check_one


class CrmHandoverCreate(models.TransientModel):
    """Ask for the values of a new handover, and create it."""

    _name = 'crm.handover.create'
    _description = "New Handover"
    _inherit = ['crm.given.record.mixin']

    lead_ids = fields.Many2many(
        comodel_name='crm.lead',
        string="Opportunities",
        context={'active_test': False},
        help="Opportunities to hand over. Empty: all those of the outgoing salesperson.",
    )
    partner_ids = fields.Many2many(
        comodel_name='res.partner',
        relation='crm_handover_create_partner_rel',
        column1='wizard_id',
        column2='partner_id',
        string="Customers",
        context={'active_test': False},
        help="Customers to hand over. Empty: all those of the outgoing salesperson.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        domain="[('share', '=', False)]",
        context={'active_test': False},
        help="Who gives their pipeline away.",
    )
    has_selection = fields.Boolean(
        compute='_compute_has_selection',
        help="Opportunities were selected.",
    )
    include_won = fields.Boolean(
        string="With won opportunities",
        default=True,
        help="Hand the customers that were won over as well, not only the open pipeline.",
    )
    whole_customers = fields.Boolean(
        default=True,
        help="Hand over all that the salespeople hold of the customers: their other opportunities, "
        "their contacts, leads and quotations.",
    )
    lead_count = fields.Integer(
        string="Opportunities to Hand Over",
        compute='_compute_lead_count',
        help="How many opportunities the handover will have.",
    )
    held = fields.Text(
        string="Holds",
        compute='_compute_held',
        compute_sudo=True,
        help="What the outgoing salesperson holds in the selected companies, by kind.",
    )
    receiver_ids = fields.Many2many(
        comodel_name='res.users',
        relation='crm_handover_create_receiver_rel',
        column1='wizard_id',
        column2='user_id',
        string="Receivers",
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
        help="Who gets the opportunities.",
    )
    reason = fields.Selection(
        selection=lambda self: [
            (value, label)
            for value, label in self
            .env['crm.handover']
            ._fields['reason']
            ._description_selection(self.env)
            # A return is prepared from its leave.
            if value != 'return'
        ],
        required=True,
        default='departure',
        help="Why the opportunities change hands. In a departure or a leave, the outgoing salesperson "
        "gets no new leads assigned any more.",
    )
    allocation_method = fields.Selection(
        selection=lambda self: (
            self.env['crm.handover']._fields['allocation_method']._description_selection(self.env)
        ),
        string="Allocation",
        required=True,
        default='balanced',
        help="How the opportunities are spread over the receivers.",
    )
    transfer_mode = fields.Selection(
        selection=lambda self: (
            self.env['crm.handover']._fields['transfer_mode']._description_selection(self.env)
        ),
        string="Ownership Moves",
        required=True,
        default='now',
        help="When an opportunity gets its new salesperson.",
    )
    planned_date = fields.Date(
        default=lambda self: self.env.company._get_sales_today(),
        required=True,
        help="Day from which the due dates of the first tasks are counted.",
    )

    return_date = fields.Date(
        help="Day on which the outgoing salesperson is back, in a leave. Empty if it is not known yet.",
    )

    # === COMPUTE METHODS === #

    @api.depends('lead_ids')
    def _compute_has_selection(self):
        for wizard in self:
            wizard.has_selection = bool(wizard.lead_ids)

    @api.depends('lead_ids', 'from_user_id', 'include_won')
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = (
                len(wizard.lead_ids)
                if wizard.lead_ids
                else self.env['crm.lead'].search_count(wizard._get_lead_domain())
            )

    @api.depends('from_user_id')
    def _compute_held(self):
        for wizard in self:
            wizard.held = self.env['crm.book']._describe_held(
                wizard.from_user_id, self.env.companies
            )

    # === ACTION METHODS === #

    def action_create(self):
        """Create and open the handover, audited and allocated.

        Opportunities of several companies get a handover for each, which are opened as a list.
        """
        check_one(self)
        if self.lead_ids:
            handovers = self.env['crm.handover']._create_from_leads(
                self._get_leads(), **self._prepare_values()
            )
        elif self.from_user_id:
            values = self._prepare_values()
            del values['from_user_id']
            handovers = self.env['crm.handover']._create_from_book(
                self.from_user_id,
                customers=self.partner_ids.commercial_partner_id or None,
                with_won=self.include_won,
                **values,
            )
        else:
            handovers = self.env['crm.handover']
        if not handovers:
            raise UserError(
                self.env._(
                    "There is nothing to hand over. Please select opportunities, or a salesperson who "
                    "holds some."
                )
            )
        action = self.env['ir.actions.actions']._for_xml_id('sales_funnel_mgmt.crm_handover_action')
        if len(handovers) == 1:
            return {**action, 'views': [(False, 'form')], 'res_id': handovers.id}
        return {**action, 'domain': [('id', 'in', handovers.ids)]}

    # === BUSINESS METHODS === #

    def _get_leads(self):
        """Return the selected opportunities, with the others of the same customers if asked for."""
        leads = self.lead_ids.filtered(lambda lead: lead.type == 'opportunity')
        if not self.whole_customers:
            return leads
        pairs = {(lead.user_id, lead.customer_id) for lead in leads if lead.customer_id}
        others = self.env['crm.lead'].search([
            ('user_id', 'in', leads.user_id.ids),
            ('customer_id', 'in', leads.customer_id.ids),
            ('type', '=', 'opportunity'),
            ('won_status', '=', 'pending'),
            ('company_id', 'in', (*leads.company_id.ids, False)),
        ])
        return leads | others.filtered(lambda lead: (lead.user_id, lead.customer_id) in pairs)

    def _get_lead_domain(self):
        """Return the domain of the opportunities of the outgoing salesperson."""
        if not self.from_user_id:
            return Domain.FALSE
        return Domain([
            ('user_id', '=', self.from_user_id.id),
            ('type', '=', 'opportunity'),
            ('won_status', 'in', ('pending', 'won') if self.include_won else ('pending',)),
        ])

    def _prepare_values(self):
        """Return the values of the new handovers."""
        values = {
            'reason': self.reason,
            'allocation_method': self.allocation_method,
            'transfer_mode': self.transfer_mode,
            'planned_date': self.planned_date,
            'return_date': self.reason == 'leave' and self.return_date,
            'receiver_ids': [Command.create({'user_id': user.id}) for user in self.receiver_ids],
        }
        if self.from_user_id:
            values['from_user_id'] = self.from_user_id.id
        return values
