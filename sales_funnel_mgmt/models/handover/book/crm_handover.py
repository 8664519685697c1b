"""Add customers with all that is held of them to a handover, and say what is still held."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...base.arguments import check_one
from ...base.naming import name_some
from ..crm_handover_line import ONGOING_STATES


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    customer_ids = fields.One2many(
        comodel_name='crm.handover.customer',
        inverse_name='handover_id',
        string="Customers",
        help="The customers of this handover, each with what is handed over of it.",
    )
    document_ids = fields.One2many(
        comodel_name='crm.handover.document',
        inverse_name='handover_id',
        string="Documents",
        readonly=True,
        help="The contacts, leads, quotations and other documents of the customers.",
    )
    customer_count = fields.Integer(
        string="Number of Customers",
        compute='_compute_customer_counts',
        compute_sudo=True,
        help="Customers in this handover.",
    )
    document_count = fields.Integer(
        string="Number of Documents",
        compute='_compute_customer_counts',
        compute_sudo=True,
        help="Contacts, leads, quotations and other documents in this handover.",
    )
    unallocated_customer_count = fields.Integer(
        string="Unallocated Customers",
        compute='_compute_customer_counts',
        compute_sudo=True,
        help="Customers without a receiver, or with an opportunity without one. What has no receiver "
        "stays where it is.",
    )
    has_customer_without_contact = fields.Boolean(
        compute='_compute_customer_counts',
        compute_sudo=True,
        help="An opportunity of this handover has no contact, and counts as a customer of its own.",
    )
    has_locked_customer = fields.Boolean(
        compute='_compute_has_locked_customer',
        compute_sudo=True,
        help="A customer changes hands only with a reason, because of the salesperson lock.",
    )
    still_held = fields.Text(
        compute='_compute_still_held',
        compute_sudo=True,
        groups='sales_team.group_sale_manager',
        help="What the outgoing salesperson still holds in the company, by kind. Empty if nothing.",
    )

    # === COMPUTE METHODS === #

    @api.depends('customer_ids.to_user_id', 'line_ids.to_user_id', 'document_ids')
    def _compute_customer_counts(self):
        unallocated = Domain('to_user_id', '=', False) | Domain(
            'line_ids', 'any', [('to_user_id', '=', False)]
        )
        for name, domain, field_name in (
            ('crm.handover.customer', Domain.TRUE, 'customer_count'),
            ('crm.handover.customer', unallocated, 'unallocated_customer_count'),
            (
                'crm.handover.customer',
                Domain('customer_id', '=', False),
                'has_customer_without_contact',
            ),
            ('crm.handover.document', Domain.TRUE, 'document_count'),
        ):
            counts = dict(
                self.env[name]._read_group(
                    Domain('handover_id', 'in', self.ids) & domain, ['handover_id'], ['__count']
                )
            )
            for handover in self:
                handover[field_name] = counts.get(handover, 0)

    @api.depends('customer_ids.is_salesperson_locked', 'customer_ids.override_reason')
    def _compute_has_locked_customer(self):
        for handover in self:
            handover.has_locked_customer = any(
                customer.is_salesperson_locked or customer.override_reason
                for customer in handover.customer_ids
            )

    @api.depends('from_user_id', 'company_id', 'started_at')
    def _compute_still_held(self):
        for handover in self:
            handover.still_held = handover.started_at and self.env['crm.book']._describe_held(
                handover.from_user_id, handover.company_id
            )

    # === ACTION METHODS === #

    def action_view_customers(self):
        """Open the customers of this handover."""
        check_one(self)
        return self._get_related_action('sales_funnel_mgmt.crm_handover_customer_action')

    def action_view_documents(self):
        """Open the documents of this handover."""
        check_one(self)
        return self._get_related_action('sales_funnel_mgmt.crm_handover_document_action')

    # === BUSINESS METHODS === #

    def _get_related_action(self, xml_id):
        """Return an action that shows the records of this handover."""
        action = self.env['ir.actions.actions']._for_xml_id(xml_id)
        return {**action, 'domain': [('handover_id', '=', self.id)], 'context': {}}

    @api.model
    def _create_from_book(
        self,
        user,
        companies=None,
        customers=None,
        with_won=True,
        find_responsible=None,
        **values,
    ):
        """Create draft handovers of all that a salesperson holds, one for each company.

        What belongs to no company joins the handover of its customer, or else the first one. What is
        in another handover already stays there.

        :param res.users user: Outgoing salesperson.
        :param res.company companies: Only what belongs to these companies. By default all, and what
            belongs to no company.
        :param res.partner customers: Only what belongs to these customers. By default to all.
        :param bool with_won: With won opportunities, not only open ones.
        :param find_responsible: As for `_create_from_leads`.
        :param values: Values of the handovers.
        :return: The new handovers. Empty if the salesperson holds nothing.
        :rtype: crm.handover
        """
        with_shared = companies is None
        leads = self._find_own_leads(user, companies, with_won, with_shared)
        documents = self._find_own_documents(user, companies, customers, with_shared)
        if customers is not None:
            leads = leads.filtered(lambda lead: lead.customer_id in customers)
        belongings = leads.company_id.union(
            *(record[kind.company_field] for kind, record in documents)
        )
        if not leads and not documents:
            return self.browse()
        # What belongs to no company needs a handover as well.
        belongings = belongings or (companies or user.company_id)[:1]
        belongings = belongings.sorted(lambda company: (company != user.company_id, company.id))
        handovers = self.browse()
        for company in belongings:
            company_leads = leads.filtered(
                lambda lead, company=company: (lead.company_id or belongings[0]) == company
            )
            handover_values = {'from_user_id': user.id, 'company_id': company.id, **values}
            if find_responsible:
                handover_values['user_id'] = find_responsible(company, company_leads).id
            handover = self.create(handover_values)
            handover._create_lines(company_leads)
            handovers += handover
        handovers._distribute_documents(documents)
        for handover in handovers:
            handover._audit_and_allocate()
        return handovers

    @api.model
    def _find_own_leads(self, user, companies=None, with_won=True, with_shared=True):
        """Return the opportunities of a salesperson that are in no handover, with the reader's rights.

        :param res.users user: Salesperson.
        :param res.company companies: Only opportunities of these companies. By default of all.
        :param bool with_won: With won opportunities, not only open ones.
        :param bool with_shared: Also opportunities that belong to no company.
        """
        taken = self.env['crm.handover.line'].search([
            ('lead_id.user_id', 'in', user.ids),
            ('state', 'in', ('draft', *ONGOING_STATES)),
        ])
        domain = Domain([
            ('user_id', 'in', user.ids),
            ('type', '=', 'opportunity'),
            ('won_status', 'in', ('pending', 'won') if with_won else ('pending',)),
            ('id', 'not in', taken.lead_id.ids),
        ])
        if companies is not None:
            ids = (*companies.ids, False) if with_shared else companies.ids
            domain &= Domain('company_id', 'in', ids)
        return self.env['crm.lead'].search(domain)

    @api.model
    def _find_own_documents(self, users, companies=None, customers=None, with_shared=True):
        """Return the documents of salespeople that are in no handover.

        :param res.users users: Salespeople.
        :param res.company companies: Only documents of these companies. By default of all.
        :param res.partner customers: Only documents of these customers. By default of all.
        :param bool with_shared: Also documents that belong to no company.
        :return: Pairs of a kind and a record, in sudo mode.
        :rtype: list[tuple[BookKind, object]]
        """
        # In sudo mode: a sales administrator hands over what the outgoing salesperson holds, also of
        # models that the administrator has no rights for. Other companies stay closed.
        Book_sudo = self.env['crm.book'].sudo()
        if not self.env.su:
            companies = self.env.companies if companies is None else companies & self.env.companies
        taken = {
            (document.res_model, document.res_id)
            for document in self
            .env['crm.handover.document']
            .sudo()
            .search([
                ('state', 'in', ('draft', 'waiting')),
                ('from_user_id', 'in', users.ids),
            ])
        }
        return [
            (kind, record)
            for kind in Book_sudo._get_kinds()
            if kind.is_moved and kind.key != 'opportunity'
            for record in Book_sudo._find_held(kind, users, companies, customers, with_shared)
            if (record._name, record.id) not in taken
        ]

    def _distribute_documents(self, documents):
        """Add documents to those of these handovers that they belong to.

        :param documents: Pairs of a kind and a record.
        """
        Book_sudo = self.env['crm.book'].sudo()
        handover_by_company = {handover.company_id: handover for handover in self}
        handover_by_customer = {
            customer.customer_id: customer.handover_id
            for customer in reversed(self.sudo().customer_ids)
        }
        by_handover = {}
        for kind, record in documents:
            handover = handover_by_company.get(
                record[kind.company_field].with_env(self.env)
            ) or handover_by_customer.get(Book_sudo._get_customer(kind, record), self[0])
            by_handover.setdefault(handover.id, []).append((kind, record))
        for handover in self:
            handover._add_documents(by_handover.get(handover.id, []))

    def _add_customers(self, customers):
        """Add all that the outgoing salesperson holds of customers.

        :param crm.handover.customer customers: Customers that a user has added to this handover.
        :raise UserError: If there is no outgoing salesperson, or if this one holds nothing of a customer.
        """
        self.ensure_one()
        user = self.from_user_id
        if not user:
            raise UserError(
                self.env._(
                    "Please choose the outgoing salesperson of %(handover)s first, or add opportunities.",
                    handover=self.name,
                )
            )
        partners = customers.customer_id
        leads = self._find_own_leads(user, self.company_id).filtered(
            lambda lead: lead.customer_id in partners
        )
        self._create_lines(leads)
        self._add_documents(self._find_own_documents(user, self.company_id, partners))
        empty = customers.filtered(lambda one: not one.line_ids and not one.document_ids)
        if empty:
            raise UserError(
                self.env._(
                    "%(user)s holds nothing of these customers that is in no handover yet: "
                    "%(customers)s",
                    user=user.name,
                    customers=name_some(
                        self.env, empty, name=lambda one: one.customer_id.display_name
                    ),
                )
            )
        self._audit_and_allocate()

    def _add_documents_of(self, leads):
        """Add what the salespeople of opportunities hold of the same customers.

        A customer of which the salesperson keeps an open opportunity stays with the salesperson.

        :param crm.lead leads: Opportunities of this handover.
        """
        self.ensure_one()
        leads_sudo = leads.sudo()
        pairs = self.sudo()._get_whole_customers(leads_sudo)
        Book_sudo = self.env['crm.book'].sudo()
        self._add_documents([
            (kind, record)
            for kind, record in self._find_own_documents(
                leads_sudo.user_id, self.company_id, leads_sudo.customer_id
            )
            if (record[kind.user_field], Book_sudo._get_customer(kind, record)) in pairs
        ])

    def _add_documents(self, documents):
        """Add documents, and their customers, to the handover.

        :param documents: Pairs of a kind and a record, in sudo mode.
        """
        self.ensure_one()
        # In sudo mode: only the system creates the records.
        Customer_sudo = self.env['crm.handover.customer'].sudo()
        Book_sudo = self.env['crm.book'].sudo()
        # A document without a contact is a customer of its own.
        partner_by_document = {
            (kind.key, record.id): Book_sudo._get_customer(kind, record) or record
            for kind, record in documents
        }
        customer_by_partner = {
            customer.customer_id: customer for customer in self.sudo().customer_ids
        }
        missing = [
            partner
            for partner in dict.fromkeys(partner_by_document.values())
            if partner not in customer_by_partner
        ]
        created = Customer_sudo.create([
            {
                'handover_id': self.id,
                'customer_id': partner.id if partner._name == 'res.partner' else False,
                'customer_name': partner.display_name,
            }
            for partner in missing
        ])
        customer_by_partner.update(zip(missing, created, strict=True))
        self.env['crm.handover.document'].sudo().create([
            {
                'handover_customer_id': customer_by_partner[
                    partner_by_document[kind.key, record.id]
                ].id,
                'kind': kind.key,
                'name': record[kind.name_field],
                'res_model': record._name,
                'res_id': record.id,
                'from_user_id': record[kind.user_field].id,
                'from_user_name': record[kind.user_field].name,
            }
            for kind, record in documents
        ])

    def _get_whole_customers(self, leads):
        """Return the customers of which this handover has all open opportunities. In sudo mode.

        A customer of which the salesperson keeps an opportunity stays with the salesperson.

        :param crm.lead leads: Opportunities of this handover.
        :return: Pairs of a salesperson and a customer.
        :rtype: set[tuple[res.users, res.partner]]
        """
        kept = self.env['crm.lead'].search([
            ('user_id', 'in', leads.user_id.ids),
            ('customer_id', 'in', leads.customer_id.ids),
            ('type', '=', 'opportunity'),
            ('won_status', '=', 'pending'),
            ('company_id', 'in', (self.company_id.id, False)),
            ('id', 'not in', self.line_ids.lead_id.ids),
        ])
        return {(lead.user_id, lead.customer_id) for lead in leads if lead.user_id} - {
            (lead.user_id, lead.customer_id) for lead in kept
        }

    def _check_document_locks(self):
        """Check that each customer with a salesperson lock has a reason. In sudo mode.

        :raise UserError: If a reason is missing.
        """
        documents = self.document_ids.filtered(
            lambda document: document.state == 'draft' and document.to_user_id
        )
        held = documents._filter_locked().handover_customer_id.filtered(
            lambda customer: not customer._get_reason()
        )
        if held:
            raise UserError(
                self.env._(
                    "These customers have an opportunity in a stage with the salesperson lock: "
                    "%(customers)s. Please give a reason for each of them, or take them off the "
                    "handover.",
                    customers=name_some(self.env, held),
                )
            )

    def _prepare_documents(self):
        """Skip the documents without a receiver and those that have changed. In sudo mode.

        :return: Documents that are handed over.
        :rtype: crm.handover.document
        """
        documents = self.document_ids.filtered(lambda document: document.state == 'draft')
        without = documents.filtered(lambda document: not document.to_user_id)
        without._skip(self.env._("No receiver: it stays where it is."))
        documents -= without
        return documents - documents._skip_changed()

    def _get_waiting_documents(self):
        """Return the documents that still have to be transferred."""
        return self.document_ids.filtered(lambda document: document.state == 'waiting')
