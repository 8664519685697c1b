from odoo import api, fields, models
from odoo.tools import SQL

from ..models.crm_lead_stage_history import HISTORY_FIELDS


class CrmCommunicationReport(models.Model):
    """What was said to and by the customers: one row a message, done activity or meeting.

    What counts is defined by `crm.lead` (`crm_lead_contact`). The stage and the salesperson are those
    of the opportunity at that time, by its stage history. The bodies are not in here: `action_open_source`
    opens the source with the rights of the reader.
    """

    _name = 'crm.communication.report'
    _description = "Communications"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'

    _depends = {
        'calendar.event': ['active', 'opportunity_id', 'start', 'user_id'],
        'crm.lead': [*HISTORY_FIELDS, 'partner_id'],
        'mail.activity': [
            'active',
            'activity_type_id',
            'calendar_event_id',
            'date_done',
            'res_id',
            'res_model',
        ],
        'mail.activity.type': ['contact_kind'],
        'mail.message': [
            'author_id',
            'date',
            'is_internal',
            'mail_activity_type_id',
            'message_type',
            'model',
            'partner_ids',
            'res_id',
            'subtype_id',
        ],
        'mail.message.subtype': ['internal'],
        'mail.notification': ['mail_message_id', 'notification_status', 'res_partner_id'],
        'res.partner': ['commercial_partner_id', 'partner_share'],
        'res.users': ['active', 'partner_id', 'share'],
    }

    date = fields.Datetime(
        readonly=True,
        aggregator='max',
        help="When the message was sent or received, the activity was marked done, or the meeting "
        "began. Of a group: the last time.",
    )
    kind = fields.Selection(
        selection=[
            ('call', "Call"),
            ('visit', "Visit"),
            ('meeting', "Meeting"),
            ('email', "Email"),
            ('message', "Text Message"),
            ('other', "Other Contact"),
            ('task', "Other Activity"),
        ],
        readonly=True,
        help="How it was said. Activities are of the kind that their type has; other activities are "
        "done ones that are no contact with the customer, as a to-do.",
    )
    direction = fields.Selection(
        selection=[('out', "Outgoing"), ('in', "Incoming")],
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
        "it was in last. Before it was an opportunity: its first stage.",
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
        """Override: PostgreSQL would compile these long queries at a cost that exceeds that of a week's
        rows many times. For this transaction alone."""
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        """The sources with the stay of that time, and about them what is asked for.

        PostgreSQL reads the rows that are asked for alone: date and opportunity are columns as they
        are, so that their indexes serve, and what is joined to the left costs nothing where it is not
        needed. The sources meet their stays before the condition of a contact is judged: that is so
        dear that PostgreSQL, beside it, would not care how it joins them.
        """
        return SQL(
            """
            SELECT source.id,
                   source.date,
                   communication.kind,
                   CASE WHEN source.is_incoming THEN 'in' ELSE 'out' END AS direction,
                   communication.user_id,
                   communication.owner_id,
                   %(stage_id)s AS stage_id,
                   %(team_id)s AS team_id,
                   %(company_id)s AS company_id,
                   source.res_id AS lead_id,
                   customer.commercial_partner_id AS customer_id,
                   communication.is_contact::int AS contact_count,
                   source.res_id AS lead_ref,
                   COALESCE(customer.commercial_partner_id, -source.res_id) AS customer_ref,
                   CASE WHEN communication.is_contact AND NOT source.is_incoming
                        THEN COALESCE(customer.commercial_partner_id, -source.res_id)
                   END AS touched_customer_ref,
                   -- Two parts of `coverage`: the customer, if it is the salesperson of today who
                   -- contacted them, and how many the salesperson owns, whose id is in the upper bits
                   CASE WHEN communication.is_contact AND NOT source.is_incoming
                         AND communication.user_id = communication.owner_id
                         AND communication.owner_id = lead.user_id
                         AND lead.active AND lead.type = 'opportunity'
                        THEN COALESCE(customer.commercial_partner_id, -source.res_id)
                   END AS covered_customer_ref,
                   CASE WHEN communication.user_id = communication.owner_id
                        THEN (owned.user_id::bigint << 32) | owned.customer_count
                   END AS owned_customers,
                   NULL::float AS coverage,
                   CASE WHEN communication.is_contact
                        THEN EXTRACT(EPOCH FROM %(now)s - source.date)::float / 86400
                   END AS days_since_contact
              FROM (%(messages)s UNION ALL %(meetings)s) AS source
         LEFT JOIN mail_activity_type type ON type.id = source.mail_activity_type_id
         LEFT JOIN crm_lead lead ON lead.id = source.res_id
         LEFT JOIN res_partner customer ON customer.id = lead.partner_id
CROSS JOIN LATERAL (SELECT %(owner_id)s AS owner_id, %(kind)s AS kind) AS told
CROSS JOIN LATERAL (
                SELECT told.owner_id, told.kind, told.kind <> 'task' AS is_contact,
                       CASE WHEN source.is_incoming THEN told.owner_id
                            ELSE source.actor_id END AS user_id
                   ) AS communication
         LEFT JOIN %(owned)s AS owned ON owned.user_id = communication.owner_id
             WHERE CASE
                   -- of a deleted opportunity nothing is left but messages without one
                   WHEN source.stay_id IS NULL
                    AND NOT EXISTS (SELECT FROM crm_lead WHERE id = source.res_id OFFSET 0)
                   THEN FALSE
                   WHEN source.id < 0
                   THEN TRUE
                   ELSE %(is_contact_or_task)s
                   END
            """,
            stage_id=self._get_value_at_that_time('stage_id'),
            team_id=self._get_value_at_that_time('team_id'),
            company_id=self._get_value_at_that_time('company_id'),
            owner_id=self._get_value_at_that_time('user_id'),
            kind=self._get_kind(),
            now=fields.Datetime.now(),
            messages=self._get_message_query(),
            meetings=self._get_meeting_query(),
            owned=self._get_owned_customers_query(),
            is_contact_or_task=self.env['crm.lead']._get_contact_message_condition(
                'source', with_tasks=True, from_inside=SQL("NOT source.is_incoming")
            ),
        )

    @api.model
    def _get_message_query(self):
        """Return the query of the messages that may be contacts, those of done activities among them.
        The ids are their own: what is asked for by id is found by its index."""
        return SQL(
            """
            SELECT message.id, message.date, message.res_id, message.model, message.author_id,
                   message.message_type, message.subtype_id, message.is_internal,
                   message.mail_activity_type_id, author.user_id AS actor_id,
                   author.user_id IS NULL AS is_incoming, %(stay)s
              FROM mail_message message
         LEFT JOIN (
                SELECT DISTINCT ON (partner_id) partner_id, id AS user_id
                  FROM res_users
                 WHERE NOT share
              ORDER BY partner_id, active DESC, id
                   ) AS author ON author.partner_id = message.author_id
         LEFT JOIN crm_stage_history stay ON %(is_stay_of_that_time)s
             WHERE %(scope)s
            """,
            stay=self._get_stay_columns(),
            is_stay_of_that_time=self._get_stay_condition(
                SQL("message.res_id"), SQL("message.date")
            ),
            scope=self.env['crm.lead']._get_contact_message_scope('message'),
        )

    @api.model
    def _get_meeting_query(self):
        """Return the query of the meetings in the calendar. Their ids are negative."""
        return SQL(
            """
            SELECT -event.id, event.start, event.opportunity_id, NULL, NULL,
                   NULL, NULL, NULL,
                   NULL, event.user_id,
                   FALSE, %(stay)s
              FROM calendar_event event
         LEFT JOIN crm_stage_history stay ON %(is_stay_of_that_time)s
             WHERE %(condition)s
            """,
            stay=self._get_stay_columns(),
            is_stay_of_that_time=self._get_stay_condition(
                SQL("event.opportunity_id"), SQL("event.start")
            ),
            condition=self.env['crm.lead']._get_contact_meeting_condition('event'),
        )

    @api.model
    def _get_stay_columns(self):
        return SQL("stay.id AS stay_id, stay.stage_id, stay.user_id, stay.team_id, stay.company_id")

    @api.model
    def _get_stay_condition(self, lead, date):
        """Return the condition that `stay` is the last stay of a lead that had begun at that time, in
        the gap after a loss too."""
        return SQL(
            """
            stay.lead_id = %(lead)s
            AND stay.entered_at <= %(date)s
            AND (stay.left_at IS NULL
                 OR stay.left_at > %(date)s
                 OR (stay.exit_kind IN ('lost', 'archived') AND NOT EXISTS (
                     SELECT FROM crm_stage_history reopened
                      WHERE reopened.lead_id = stay.lead_id
                        AND reopened.id > stay.id
                        AND reopened.entered_at <= %(date)s
                     OFFSET 0)))
            """,
            lead=lead,
            date=date,
        )

    @api.model
    def _get_value_at_that_time(self, column):
        """Return a column of the stay; before the first stay, of that; of a lead that never was an
        opportunity, what it is today."""
        return SQL(
            """
            CASE WHEN source.stay_id IS NOT NULL THEN source.%(column)s ELSE (
                SELECT nearest.%(column)s
                  FROM (
                    (SELECT 1 AS choice, %(column)s FROM crm_stage_history
                      WHERE lead_id = source.res_id ORDER BY id LIMIT 1)
                 UNION ALL
                     SELECT 2, %(column)s FROM crm_lead WHERE id = source.res_id
                       ) AS nearest
              ORDER BY nearest.choice
                 LIMIT 1
            ) END
            """,
            column=SQL.identifier(column),
        )

    @api.model
    def _get_kind(self):
        """Return the kind; of a meeting that was planned as an activity it is the activity's, as a
        visit."""
        return SQL(
            """
            CASE WHEN source.id < 0 THEN COALESCE((
                     SELECT type.contact_kind
                       FROM mail_activity planned
                       JOIN mail_activity_type type ON type.id = planned.activity_type_id
                      WHERE planned.calendar_event_id = -source.id
                        AND type.contact_kind IS NOT NULL
                   ORDER BY planned.id
                      LIMIT 1
                 ), 'meeting')
                 WHEN source.message_type = 'notification' THEN COALESCE(type.contact_kind, 'task')
                 WHEN source.message_type IN ('email', 'comment') THEN 'email'
                 ELSE 'message' END
            """
        )

    @api.model
    def _get_owned_customers_query(self):
        """Return the query of how many customers each salesperson owns today."""
        return SQL(
            """(
                SELECT lead.user_id,
                       COUNT(DISTINCT COALESCE(customer.commercial_partner_id, -lead.id))
                       AS customer_count
                  FROM crm_lead lead
             LEFT JOIN res_partner customer ON customer.id = lead.partner_id
                 WHERE lead.active AND lead.type = 'opportunity'
                   AND (lead.company_id IS NULL OR lead.company_id IN %(company_ids)s)
              GROUP BY lead.user_id)""",
            company_ids=tuple(self.env.companies.ids),
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override: the coverage of a group is its customers touched by their salesperson ÷ the sum of
        what each of these salespeople owns, never an average of percentages."""
        if aggregate_spec == 'coverage:avg':
            return SQL(
                "100.0 * COUNT(DISTINCT %(covered)s) / NULLIF(("
                "SELECT SUM(owned & 4294967295) FROM unnest(ARRAY_AGG(DISTINCT %(owned)s)) AS owned"
                "), 0)::float",
                covered=SQL.identifier(self._table, 'covered_customer_ref'),
                owned=SQL.identifier(self._table, 'owned_customers'),
            )
        return super()._read_group_select(aggregate_spec, query)

    # === ACTION METHODS === #

    def action_open_source(self):
        """Open the meeting, or the opportunity with the message or activity in its chatter.

        :raise AccessError: If the user may not read it.
        """
        self.ensure_one()
        self.check_access('read')
        if self.id < 0:
            source = self.env['calendar.event'].browse(-self.id)
        else:
            source = self.lead_id
        source.check_access('read')
        return source.get_formview_action()
