"""Register the kinds of records that salespeople hold, and find those of a salesperson.

Other addons add their kinds: see “How to add” in DEVELOP.md.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.naming import name_some
from .book_kind import BookKind


class CrmBook(models.AbstractModel):
    """Answer what salespeople hold."""

    _name = 'crm.book'
    _description = "Book of a Salesperson"

    @api.model
    def _get_kinds(self):
        """Return the kinds of records that salespeople hold, in the order in which they are shown.

        Only add kinds at the end: the reports number their rows by the position.

        :rtype: list[BookKind]
        """
        is_customer = Domain('is_company', '=', True) | Domain('parent_id', '=', False)
        return [
            BookKind(
                'customer',
                self.env._("Customer"),
                'res.partner',
                domain=list(is_customer),
                name_field='complete_name',
                partner_field='id',
            ),
            BookKind(
                'contact',
                self.env._("Contact"),
                'res.partner',
                domain=list(~is_customer),
                name_field='complete_name',
                partner_field='id',
            ),
            BookKind(
                'opportunity',
                self.env._("Opportunity"),
                'crm.lead',
                domain=[('type', '=', 'opportunity'), ('won_status', '=', 'pending')],
                team_field='team_id',
            ),
            BookKind(
                'lead',
                self.env._("Lead"),
                'crm.lead',
                domain=[('type', '=', 'lead'), ('won_status', '=', 'pending')],
                team_field='team_id',
            ),
        ]

    @api.model
    def _get_customer(self, kind, record):
        """Return the customer of a record: the company of its contact, or the contact. In sudo mode."""
        partner = record if kind.partner_field == 'id' else record[kind.partner_field]
        return partner.commercial_partner_id

    @api.model
    def _get_held_domain(self, kind, users, companies, with_shared=True):
        """Return the domain of the open records of a kind that users hold.

        :param BookKind kind: Kind of the records.
        :param res.users users: Salespeople.
        :param res.company companies: Only records of these companies. None: of all.
        :param bool with_shared: Also records that belong to no company, such as most contacts.
        """
        domain = Domain(kind.domain) & Domain(kind.user_field, 'in', users.ids)
        if companies is not None:
            ids = (*companies.ids, False) if with_shared else companies.ids
            domain &= Domain(kind.company_field, 'in', ids)
        return domain

    @api.model
    def _filter_holding(self, users):
        """Return the users who hold an open record that a handover would move. In sudo mode."""
        holding = users.browse()
        for kind in self._get_kinds():
            if kind.is_moved:
                groups = (
                    self
                    .env[kind.model]
                    .with_context(active_test=True)
                    ._read_group(
                        self._get_held_domain(kind, users - holding, None), [kind.user_field]
                    )
                )
                holding = holding.union(*(user for (user,) in groups))
        return holding

    @api.model
    def _find_held(self, kind, users, companies, customers=None, with_shared=True):
        """Return the open records of a kind that users hold. In sudo mode.

        The parameters are those of `_get_held_domain`, and:

        :param res.partner customers: Only records of these customers. By default of all.
        """
        domain = self._get_held_domain(kind, users, companies, with_shared)
        if customers is not None:
            path = (
                'commercial_partner_id'
                if kind.partner_field == 'id'
                else f'{kind.partner_field}.commercial_partner_id'
            )
            domain &= Domain(path, 'in', customers.ids)
        return self.env[kind.model].with_context(active_test=True).search(domain)

    @api.model
    def _describe_held(self, user, companies):
        """Return how many open records of each kind a user holds, as lines of a text.

        :param res.users user: Salesperson. Without one, the text is empty.
        :param res.company companies: As for `_get_held_domain`.
        :rtype: str
        """
        if not user:
            return ""
        counts = (
            (
                kind,
                self
                .env[kind.model]
                .with_context(active_test=True)
                .search_count(self._get_held_domain(kind, user, companies)),
            )
            for kind in self._get_kinds()
        )
        return "\n".join(f"{kind.label}: {count}" for kind, count in counts if count)

    @api.model
    def _lock(self, kind, records):
        """Lock records in the database until the end of the transaction.

        :raise UserError: If another transaction is changing one of them.
        """
        busy = records - records.try_lock_for_update(allow_referencing=True)
        if busy:
            raise UserError(
                self.env._(
                    "Someone else is changing these documents this very moment: %(documents)s. Nothing "
                    "was handed over; please try again.",
                    documents=name_some(
                        self.env, busy, name=lambda record: record[kind.name_field]
                    ),
                )
            )

    @api.model
    def _change_salesperson(self, kind, records, values):
        """Give records of one kind another salesperson, in spite of a salesperson lock. In sudo mode.

        Override it for a kind that needs more than a `write`.

        :param BookKind kind: Kind of the records.
        :param records: Records.
        :param dict values: Values to write: the salesperson, and the team when records are given back.
        """
        if self._has_lock(kind):
            records._hand_over(values)
        else:
            records.write(values)

    @api.model
    def _filter_locked(self, kind, records):
        """Return the records whose salesperson changes by a handover with a reason only. In sudo mode."""
        return records._filter_salesperson_locked() if self._has_lock(kind) else records.browse()

    @api.model
    def _has_lock(self, kind):
        """Return whether the model of a kind has the salesperson lock."""
        return issubclass(
            self.env.registry[kind.model], self.env.registry['crm.salesperson.lock.mixin']
        )

    @api.model
    def _find_successor(self, leaver, partner, team, company):
        """Return who gets a new document of a customer whose salesperson has left.

        :param res.users leaver: Salesperson who has left.
        :param res.partner partner: Contact of the document.
        :param crm.team team: Sales team of the document. By default that of the leaver.
        :param res.company company: Company of the document.
        :return: The salesperson of the contact or of its company, or else the leader of the team. Empty
            if these have left as well.
        :rtype: res.users
        """
        # In sudo mode: the contact names its salesperson to everybody who may read it, and so does
        # Odoo. The leader of a team may be closed to the user.
        partner_sudo = partner.sudo()
        candidates_sudo = (
            partner_sudo.user_id
            + partner_sudo.commercial_partner_id.user_id
            + (team.sudo() or leaver._get_last_sales_team()).user_id
        )
        successor_sudo = next(
            (user for user in candidates_sudo if user._works_in_sales(company)),
            candidates_sudo.browse(),
        )
        return successor_sudo.with_env(self.env)

    @api.model
    def _query_held(self, kind, condition):
        """Return a query of the open records of a kind that some salespeople hold.

        :param BookKind kind: Kind of the records.
        :param condition: Function that returns an SQL condition from two SQL expressions: the ID of
            the salesperson, and the ID of the company of the record.
        :return: Query of: id, name, partner_id, user_id, team_id, company_id.
        :rtype: SQL
        """
        # In sudo mode: who reads the query has rights of their own. Archived records are not open.
        records_sudo = self.env[kind.model].sudo().with_context(active_test=True)
        query = records_sudo._search(Domain(kind.domain) & Domain(kind.user_field, '!=', False))

        def column(name):
            return (
                records_sudo._field_to_sql(query.table, name, query) if name else SQL("NULL::int")
            )

        user = column(kind.user_field)
        company = column(kind.company_field)
        query.add_where(condition(user, company))
        return query.select(
            SQL("%s AS id", column('id')),
            SQL("%s AS name", column(kind.name_field)),
            SQL("%s AS partner_id", column(kind.partner_field)),
            SQL("%s AS user_id", user),
            SQL("%s AS team_id", column(kind.team_field)),
            SQL("%s AS company_id", company),
        )
