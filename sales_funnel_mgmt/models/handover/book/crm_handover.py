"""Add customers with all that is held of them to a handover, and say what is still held."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

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
    still_held = fields.Text(
        compute='_compute_still_held',
        help="What the outgoing salesperson still holds in the company, by kind. Empty if nothing.",
    )

    # === COMPUTE METHODS === #

    @api.depends('customer_ids', 'document_ids')
    def _compute_customer_counts(self):
        for name, field_name in (
            ('crm.handover.customer', 'customer_count'),
            ('crm.handover.document', 'document_count'),
        ):
            counts = dict(
                self.env[name]._read_group(
                    [('handover_id', 'in', self.ids)], ['handover_id'], ['__count']
                )
            )
            for handover in self:
                handover[field_name] = counts.get(handover, 0)

    @api.depends('from_user_id', 'company_id', 'state')
    def _compute_still_held(self):
        for handover in self:
            counts = (
                self.env['crm.book']._count_held(handover.from_user_id, handover.company_id)
                if handover.from_user_id and handover.state != 'draft'
                else []
            )
            handover.still_held = "\n".join(
                f"{kind.label}: {count}" for kind, count in counts if count
            )

    # === BUSINESS METHODS === #

    @api.model
    def _create_from_book(self, user, companies=None, with_won=True, find_responsible=None, **values):
        """Create draft handovers of all that a salesperson holds, one for each company.

        What belongs to no company joins the handover of its customer, or else the first one. What is
        in another handover already stays there.

        :param res.users user: Outgoing salesperson.
        :param res.company companies: Only what belongs to these companies. By default all, and what
            belongs to no company.
        :param bool with_won: With won opportunities, not only open ones.
        :param find_responsible: As for `_create_from_leads`.
        :param values: Values of the handovers.
        :return: The new handovers. Empty if the salesperson holds nothing.
        :rtype: crm.handover
        """
        leads = self._find_own_leads(user, companies, with_won)
        documents = self._find_own_documents(user, companies)
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
    def _find_own_leads(self, user, companies=None, with_won=True):
        """Return the opportunities of a salesperson that are in no handover, with the reader's rights.

        The parameters are those of `_create_from_book`.
        """
        taken = self.env['crm.handover.line'].search([
            ('lead_id.user_id', '=', user.id),
            ('state', 'in', ('draft', *ONGOING_STATES)),
        ])
        domain = Domain([
            ('user_id', '=', user.id),
            ('type', '=', 'opportunity'),
            ('won_status', 'in', ('pending', 'won') if with_won else ('pending',)),
            ('id', 'not in', taken.lead_id.ids),
        ])
        if companies is not None:
            domain &= Domain('company_id', 'in', companies.ids)
        return self.env['crm.lead'].search(domain)

    @api.model
    def _find_own_documents(self, users, companies=None, customers=None):
        """Return the documents of salespeople that are in no handover.

        :param res.users users: Salespeople.
        :param res.company companies: Only what belongs to these companies. By default all, and what
            belongs to no company.
        :param res.partner customers: Only documents of these customers. By default of all.
        :return: Pairs of a kind and a record, in sudo mode.
        :rtype: list[tuple[BookKind, object]]
        """
        # In sudo mode: a sales administrator hands over what the outgoing salesperson holds, also of
        # models that the administrator has no rights for.
        Book_sudo = self.env['crm.book'].sudo()
        taken = {
            (document.res_model, document.res_id)
            for document in self.env['crm.handover.document'].sudo().search([
                ('state', 'in', ('draft', 'waiting')),
                ('from_user_id', 'in', users.ids),
            ])
        }
        return [
            (kind, record)
            for kind in Book_sudo._get_kinds()
            if kind.is_moved and kind.key != 'opportunity'
            for record in Book_sudo._find_held(kind, users, companies, customers)
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
