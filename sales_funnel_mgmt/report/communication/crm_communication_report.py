"""Report the communications, with what is known of their opportunities today."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.communication.crm_communication import DIRECTIONS, KINDS
from ...models.customer.key import get_customer_key


class CrmCommunicationReport(models.Model):
    """One row a message, done activity or meeting that has begun, as in `crm.communication`.

    The texts are left out: `action_open_source` opens the source with the rights of the reader.
    """

    _name = 'crm.communication.report'
    _description = "Communications"
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
        'crm.lead': ['active', 'company_id', 'customer_id', 'type', 'user_id'],
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
        help="How it was said. Activities are of the kind that their type has; other activities are "
        "done ones that are no contact with the customer, as a to-do.",
    )
    direction = fields.Selection(
        selection=DIRECTIONS,
        readonly=True,
        help="Incoming: written by the customer. Outgoing: all that one of us did.",
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
        "the one that it is linked to, whoever else attends.",
    )
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        help="Customer of the opportunity: the company, whichever of its contacts it was.",
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
        help="Customers touched by their own salesperson ÷ customers that these salespeople own "
        "today, in percent. A salesperson owns the customers of their open and won opportunities. "
        "Read it by salesperson or sales team; salespeople without any communication are not in it.",
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
        """Override to include what this transaction has changed, but not counted yet."""
        self.env['crm.communication']._update_pending()
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        """Return the communications and their opportunities. PostgreSQL leaves out an unused LEFT JOIN."""
        return SQL(
            """
            SELECT communication.id, communication.date, communication.kind,
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
                   -- Two parts of `coverage`: the customer, if it is the salesperson of today who
                   -- contacted them, and the salesperson whose customers are to be covered
                   CASE WHEN communication.kind <> 'task' AND communication.direction = 'out'
                         AND communication.user_id = communication.owner_id
                         AND communication.owner_id = lead.user_id
                         AND lead.active AND lead.type = 'opportunity'
                        THEN %(customer_key)s
                   END AS covered_customer_ref,
                   CASE WHEN communication.user_id = communication.owner_id
                        THEN communication.owner_id
                   END AS covering_user_id,
                   NULL::float AS coverage,
                   CASE WHEN communication.kind <> 'task'
                        THEN EXTRACT(EPOCH FROM %(now)s - communication.date)::float / 86400
                   END AS days_since_contact
              FROM crm_communication communication
         LEFT JOIN crm_lead lead ON lead.id = communication.lead_id
             -- a meeting counts once it has begun
             WHERE communication.id > 0 OR communication.date <= %(now)s
            """,
            customer_key=get_customer_key('lead'),
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_owned_customers_query(self):
        """Return the query of how many customers each salesperson owns today."""
        return SQL(
            """
                SELECT lead.user_id,
                       COUNT(DISTINCT %(customer_key)s) AS customer_count
                  FROM crm_lead lead
                 WHERE lead.active AND lead.type = 'opportunity'
                   AND (lead.company_id IS NULL OR lead.company_id IN %(company_ids)s)
              GROUP BY lead.user_id
            """,
            customer_key=get_customer_key('lead'),
            company_ids=tuple(self.env.companies.ids),
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to divide the coverage of a group by what all its salespeople own together."""
        if aggregate_spec == 'coverage:avg':
            # Materialized: counted once, and not for each group. The array is that of the group.
            return SQL(
                """
                100.0 * COUNT(DISTINCT %(covered)s) / NULLIF((
                    WITH owned AS MATERIALIZED (%(owned)s)
                    SELECT SUM(customer_count) FROM owned
                     WHERE user_id = ANY(ARRAY_AGG(DISTINCT %(user)s))
                ), 0)::float
                """,
                covered=SQL.identifier(self._table, 'covered_customer_ref'),
                owned=self._get_owned_customers_query(),
                user=SQL.identifier(self._table, 'covering_user_id'),
            )
        return super()._read_group_select(aggregate_spec, query)

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
