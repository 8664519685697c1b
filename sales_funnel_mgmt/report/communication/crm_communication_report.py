"""Report on communications, with the present customers and salespeople of their opportunities."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.group_measures import get_distinct_count, get_pair, get_ratio
from ...models.base.group_scope import (
    get_domain,
    get_groups,
    get_scope,
    get_scope_fields,
    is_of_group,
    note_domain,
    note_group,
)
from ...models.communication.crm_communication import DIRECTIONS, KINDS
from ...models.customer.key import get_customer_key

# Fields of `crm.lead` by the fields of the report that say whose opportunities they are
OWNER_FIELDS = {
    'owner_id': 'user_id',
    'user_id': 'user_id',
    'team_id': 'team_id',
    'company_id': 'company_id',
}
LEAD_COLUMNS = ('id', 'user_id', 'team_id', 'company_id', 'customer_id')


class CrmCommunicationReport(models.Model):
    """One row a message, done activity or meeting that has begun, as in `crm.communication`.

    The texts are left out: `action_open_source` opens the source with the rights of the reader.
    """

    _name = 'crm.communication.report'
    _description = "Communications"
    _inherit = ['crm.company.day.mixin']
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'

    _depends = {
        'crm.communication': [
            'company_id',
            'date',
            'direction',
            'kind',
            'lead_id',
            'owner_id',
            'stage_id',
            'team_id',
            'user_id',
        ],
        'crm.lead': ['active', 'company_id', 'customer_id', 'team_id', 'type', 'user_id'],
    }

    date = fields.Datetime(
        readonly=True,
        aggregator='max',
        help="When the message was sent or received, the activity was marked done, or the meeting "
        "began. Of a group: the last time.",
    )
    kind = fields.Selection(
        selection=KINDS,
        readonly=True,
        help="Kind of the communication. An activity has the kind of its type. Other activities are done "
        "activities that are no contact with the customer, such as a to-do.",
    )
    direction = fields.Selection(
        selection=DIRECTIONS,
        readonly=True,
        help="Incoming: written by the customer. Outgoing: done by a user.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Done By",
        readonly=True,
        help="Who wrote the message, marked the activity as done, or organised the meeting. Of an "
        "incoming message: the salesperson who received it, that of the opportunity at that time.",
    )
    owner_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Salesperson of the opportunity at that time.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        help="Stage of the opportunity at that time. After it was lost or archived: the stage that "
        "it was in last.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the opportunity at that time.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of the opportunity at that time.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="The opportunity, or the lead, that the communication belongs to. A meeting belongs to "
        "the one that it is linked to.",
    )
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        help="Customer of the opportunity: the company of its contact.",
    )
    contact_count = fields.Integer(
        string="Contacts",
        readonly=True,
        help="Number of contacts with customers, in both directions. Activities that are no contact "
        "do not count.",
    )
    lead_ref = fields.Integer(
        string="Opportunities",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different opportunities. Of one row: the database ID.",
    )
    customer_ref = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers; an opportunity without a customer is one of its own. Of "
        "one row: the database ID, negative for such an opportunity.",
    )
    touched_customer_ref = fields.Integer(
        string="Customers Touched",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers that somebody of us contacted; incoming messages do not "
        "count. Of one row: as Customers.",
    )
    coverage = fields.Float(
        string="Coverage (%)",
        digits=(5, 1),
        readonly=True,
        aggregator='avg',
        help="Customers touched by their own salesperson ÷ customers that salespeople own today, in "
        "percent. A salesperson owns the customers of their open and won opportunities. A customer of "
        "two salespeople is to be touched by both. Salespeople who have contacted nobody count as "
        "well. Read it by salesperson or sales team.",
    )
    days_since_contact = fields.Float(
        string="Days Since Last Contact",
        digits=(16, 1),
        readonly=True,
        aggregator='min',
        help="Days (of 24 hours) that have passed since the last contact, in either direction.",
    )

    # === QUERY === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to count the pending changes of this transaction first."""
        self.env['crm.communication']._update_pending()
        query = super()._search(domain, *args, **kwargs)
        note_domain(query, domain)
        return query

    @property
    def _table_query(self):
        """Return the communications and their opportunities. PostgreSQL leaves out an unused LEFT JOIN."""
        return SQL(
            """
            SELECT communication.id, communication.date, %(day)s AS day, communication.kind,
                   communication.direction, communication.user_id, communication.owner_id,
                   communication.stage_id, communication.team_id, communication.company_id,
                   communication.lead_id,
                   lead.customer_id,
                   (communication.kind <> 'task')::int AS contact_count,
                   communication.lead_id AS lead_ref,
                   %(customer_key)s AS customer_ref,
                   CASE WHEN communication.kind <> 'task' AND communication.direction = 'out'
                        THEN %(customer_key)s
                   END AS touched_customer_ref,
                   -- The part of `coverage`: the customer, if it is the salesperson of today who
                   -- contacted them
                   CASE WHEN communication.kind <> 'task' AND communication.direction = 'out'
                         AND communication.user_id = communication.owner_id
                         AND communication.owner_id = lead.user_id
                         AND lead.active AND lead.type = 'opportunity'
                        THEN %(customer_key)s
                   END AS covered_customer_ref,
                   NULL::float AS coverage,
                   CASE WHEN communication.kind <> 'task'
                        THEN EXTRACT(EPOCH FROM %(now)s - communication.date)::float / 86400
                   END AS days_since_contact
              FROM crm_communication communication
         LEFT JOIN crm_lead lead ON lead.id = communication.lead_id
                   %(owner)s
             -- a meeting counts once it has begun
             WHERE communication.id > 0 OR communication.date <= %(now)s
            """,
            day=self._select_day(SQL("communication.date"), 'communication'),
            owner=self._join_day('communication', 'owner_id'),
            customer_key=get_customer_key('lead'),
            now=fields.Datetime.now(),
        )

    # === COVERAGE === #

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Override to remember whose customers a group is about."""
        term = super()._read_group_groupby(alias, groupby_spec, query)
        if alias == self._table:
            note_group(query, groupby_spec, term)
        return term

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to divide what a group has covered by all that its salespeople own."""
        if aggregate_spec != 'coverage:avg':
            return super()._read_group_select(aggregate_spec, query)
        return get_ratio(
            get_distinct_count(
                get_pair(
                    SQL.identifier(self._table, 'owner_id'),
                    SQL.identifier(self._table, 'covered_customer_ref'),
                )
            ),
            self._get_owned_customer_count(query),
            100,
        )

    @api.model
    def _get_owned_customer_count(self, query):
        """Return how many customers the salespeople of a group own today, each salesperson's own.

        They are those of the opportunities that the reader may see. A contact belongs to the team and
        company of then. So a customer that was covered there counts there as well, if the opportunity
        has moved on.

        :rtype: SQL
        """
        leads = (
            self
            .env['crm.lead']
            .with_context(active_test=True)
            ._search(
                get_scope(query, self._translate_to_leads)
                & Domain('type', '=', 'opportunity')
                & Domain('user_id', '!=', False)
            )
        )
        groups = get_groups(query)
        # A customer counts once for each salesperson, so that the numbers of several salespeople add
        # up. Those of several teams or companies do not: CUBE also counts all of them together.
        others = {name: groups[name] for name in ('team_id', 'company_id') if name in groups}
        columns = [SQL.identifier(name) for name in others]
        return SQL(
            """(
            -- Materialized: counted once, and not for each group.
            WITH owned AS MATERIALIZED (
                SELECT %(keys)s, COUNT(DISTINCT customer_key) AS customer_count
                  FROM (
                    SELECT user_id, team_id, company_id, %(customer_key)s AS customer_key
                      FROM %(leads)s AS lead
                    %(covered)s
                       ) AS holding
              GROUP BY user_id %(cube)s
            )
            SELECT SUM(customer_count) FROM owned WHERE %(is_of_group)s)""",
            keys=SQL(", ").join([
                SQL("user_id"),
                *columns,
                *(
                    SQL("GROUPING(%s) AS %s", column, SQL.identifier(f'every_{name}'))
                    for name, column in zip(others, columns, strict=True)
                ),
            ]),
            customer_key=get_customer_key('lead'),
            covered=self._get_covered_customers(query),
            leads=leads.subselect(
                *(SQL.identifier('crm_lead', name) for name in LEAD_COLUMNS),
            ),
            cube=SQL(", CUBE (%s)", SQL(", ").join(columns)) if columns else SQL(),
            is_of_group=SQL(" AND ").join([
                SQL("TRUE"),
                *(
                    is_of_group(SQL("owned.user_id"), groups[name])
                    for name in ('owner_id', 'user_id')
                    if name in groups
                ),
                *(
                    SQL(
                        "%(every)s = GROUPING(%(term)s) AND %(column)s IS NOT DISTINCT FROM %(term)s",
                        every=SQL.identifier('owned', f'every_{name}'),
                        column=SQL.identifier('owned', name),
                        term=term,
                    )
                    for name, term in others.items()
                ),
            ]),
        )

    @api.model
    def _get_covered_customers(self, query):
        """Return what to add to the owned customers: those covered in the team and company of then.

        Nothing is to be added if neither is read.
        """
        read = {spec.partition('.')[0] for spec in get_groups(query)} | get_scope_fields(query)
        if read.isdisjoint(('team_id', 'company_id')):
            return SQL()
        rows = self._search(get_domain(query))
        covered = SQL.identifier(self._table, 'covered_customer_ref')
        rows.add_where(SQL("%s IS NOT NULL", covered))
        return SQL(
            "UNION ALL SELECT * FROM %s AS covered",
            rows.subselect(
                *(
                    SQL.identifier(self._table, name)
                    for name in ('owner_id', 'team_id', 'company_id')
                ),
                covered,
            ),
        )

    @api.model
    def _translate_to_leads(self, condition):
        """Return the domain on the opportunities of the salespeople that a condition is about.

        :param condition: Condition on communications.
        :return: None if the condition is about the communications themselves.
        :rtype: Domain | None
        """
        name, _dot, path = condition.field_expr.partition('.')
        operator, value = condition.operator, condition.value
        if name in OWNER_FIELDS:
            return Domain('.'.join(filter(None, (OWNER_FIELDS[name], path))), operator, value)
        if name == 'lead_id':
            found = self._find_lead_domain(path, operator, value)
        elif name == 'customer_id':
            found = Domain(condition.field_expr, operator, value)
        else:
            return None
        if found is None:
            return None
        # All that the salespeople of these opportunities own
        holders = self.env['crm.lead'].with_context(active_test=False)._search(found)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s",
                model._field_to_sql(alias, 'user_id', query),
                holders.subselect(SQL.identifier('crm_lead', 'user_id')),
            )
        )

    @api.model
    def _find_lead_domain(self, path, operator, value):
        """Return the domain on `crm.lead` of a condition on `lead_id`, None for a search by name."""
        if path:
            return Domain(path, operator, value)
        if operator in ('any', 'not any'):
            found = Domain(value)
            return found if operator == 'any' else ~found
        return Domain('id', operator, value) if operator in ('in', 'not in', '=', '!=') else None

    # === ACTION METHODS === #

    def action_open_source(self):
        """Open the meeting, or the document with the message or activity in its chatter.

        :raise AccessError: If the user may not read it.
        """
        check_one(self)
        self.check_access('read')
        if self.id < 0:
            source = self.env['calendar.event'].browse(-self.id)
        else:
            # In sudo mode: only where the message is. The reader must have access to that document.
            message_sudo = self.env['mail.message'].sudo().browse(self.id)
            source = self.env[message_sudo.model].browse(message_sudo.res_id)
        source.check_access('read')
        return source.get_formview_action()
