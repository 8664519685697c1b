"""Decide what is a contact with a customer, and when it was.

The conditions judge what happened: who wrote to whom, whether it arrived, whether a program wrote it.
They judge by what was true when it was written, so that what came later does not change the answer.
`counting` applies them. Everything else reads the table.
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS

FAILURES = ('bounce', 'exception', 'canceled')
LETTERS = ('email', 'comment')
TEXTS = ('sms', 'whatsapp_message')
# Mail servers try for this long to deliver an e-mail (RFC 5321, 4.5.4.1)
LONGEST_DELIVERY = '5 days'
# Odoo stores the day of an all-day meeting as a time in UTC. Its day begins at this hour.
ALL_DAY_HOUR = '8 hours'
# An e-mail address within a header or a field
ADDRESS = r'[^\s<>()\[\],;:"]+@[^\s<>()\[\],;:"]+'


class CrmCommunication(models.Model):
    _inherit = 'crm.communication'

    # === FOR OTHER CAPABILITIES === #

    @api.model
    def _get_contact_condition(self, alias):
        """Return the condition in SQL that a row of crm_communication is a contact that has happened.

        Call `_update_pending` before the query runs: the table follows at the end of the transaction.

        :param str alias: Alias of crm_communication in the query.
        :rtype: SQL
        """
        return SQL(
            "(%(contact)s.kind <> 'task' AND %(contact)s.date <= %(now)s)",
            contact=SQL.identifier(alias),
            now=fields.Datetime.now(),
        )

    # === DOCUMENTS === #

    @api.model
    def _get_document_columns(self):
        """Return the models whose messages are about opportunities, and the column with its ID.

        Other modules add theirs. They call `_follow` when the column changes.

        :rtype: dict[str, str]
        """
        return {'crm.lead': 'id'}

    @api.model
    def _get_linked_lead(self, alias):
        """Return SQL for the ID of the lead that a row of mail_message is about."""
        cases = [
            SQL(
                "WHEN %s THEN (SELECT document.%s FROM %s document WHERE document.id = %s)",
                model,
                SQL.identifier(column),
                SQL.identifier(self.env[model]._table),
                SQL.identifier(alias, 'res_id'),
            )
            for model, column in self._get_document_columns().items()
            if model != 'crm.lead'
        ]
        return SQL(
            "CASE %(m)s.model WHEN 'crm.lead' THEN %(m)s.res_id %(cases)s END",
            m=SQL.identifier(alias),
            cases=SQL(" ").join(cases),
        )

    @api.model
    def _get_documents_of(self, lead_ids):
        """Return the query of `model` and `res_id` of the documents that are about leads.

        :param SQL lead_ids: The IDs as a list or subquery, to follow IN.
        """
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s AS model, document.id AS res_id FROM %s document WHERE document.%s IN %s",
                model,
                SQL.identifier(self.env[model]._table),
                SQL.identifier(column),
                lead_ids,
            )
            for model, column in self._get_document_columns().items()
        )

    # === WHO IS INSIDE === #

    @api.model
    def _get_sides(self):
        """Return the CTEs that the conditions below need.

        `insider` holds the people of the company with their addresses: those of the user, and those
        of the contacts below the user's. `crossed` holds the users who became internal or stopped
        being so: the moment decides about each message.
        """
        return SQL(
            """
            insider AS MATERIALIZED (
                SELECT person.user_id, person.partner_id, address.found[1] AS address
                  FROM (
                    SELECT person.id AS user_id, partner.id AS partner_id,
                           CONCAT_WS(' ', person.login, partner.email) AS addresses
                      FROM res_users person
                      JOIN res_partner partner ON partner.id = person.partner_id
                     WHERE NOT person.share AND person.share_changed_at IS NULL
                 UNION ALL
                    SELECT person.id, partner.id, partner.email
                      FROM res_users person
                      JOIN res_partner partner ON partner.parent_id = person.partner_id
                     WHERE NOT person.share AND person.share_changed_at IS NULL
                       ) AS person
             LEFT JOIN LATERAL regexp_matches(LOWER(person.addresses), %(address)s, 'g')
                       AS address (found) ON TRUE
            ),
            crossed AS MATERIALIZED (
                SELECT id AS user_id, partner_id, share, share_changed_at
                  FROM res_users
                 WHERE share_changed_at IS NOT NULL
            )
            """,
            address=ADDRESS,
        )

    @api.model
    def _get_inside_address_condition(self, address):
        """Return the condition that an address is that of a user, or in an alias domain of ours.

        Everybody has an address at a public provider: there, only the users are inside.

        :param SQL address: The address, in lower case.
        """
        return SQL(
            """COALESCE(
                %(address)s IN (SELECT address FROM insider)
                OR split_part(%(address)s, '@', 2) IN (
                    SELECT LOWER(name) FROM mail_alias_domain WHERE LOWER(name) <> ALL(%(providers)s)
                ), FALSE)""",
            address=address,
            providers=sorted(_MAIL_PROVIDERS),
        )

    @api.model
    def _get_outside_partner_condition(self, alias, message_alias):
        """Return the condition that a contact was outside the company when a message was written."""
        return SQL(
            """(
                %(p)s.id NOT IN (SELECT partner_id FROM insider)
                AND NOT EXISTS (
                    SELECT FROM crossed
                     WHERE crossed.partner_id = %(p)s.id
                       AND crossed.share = (%(m)s.create_date < crossed.share_changed_at))
                AND NOT %(has_inside_address)s
            )""",
            p=SQL.identifier(alias),
            m=SQL.identifier(message_alias),
            has_inside_address=self._get_inside_address_condition(
                SQL.identifier(alias, 'email_normalized')
            ),
        )

    # === MESSAGES === #

    @api.model
    def _get_message_query(self, are_asked):
        """Return the query of the messages that are contacts, and of the other done activities.

        :param SQL are_asked: Subquery of the ids that are asked for; all if None.
        """
        address = SQL(
            "COALESCE(author.email_normalized, SUBSTRING(LOWER(message.email_from) FROM %s))",
            ADDRESS,
        )
        from_inside = SQL(
            "(author_user.user_id IS NOT NULL OR %s)", self._get_inside_address_condition(address)
        )
        return SQL(
            """
            SELECT message.id, %(date)s AS date, %(lead)s AS lead_id, message.message_type,
                   message.mail_activity_type_id,
                   COALESCE(author_user.user_id, (
                       SELECT MIN(insider.user_id) FROM insider WHERE insider.address = %(address)s
                   )) AS actor_id,
                   -- activities are done by users, if only by one who has been deleted since
                   NOT %(from_inside)s AND message.message_type <> 'notification' AS is_incoming
              FROM mail_message message
         LEFT JOIN res_partner author ON author.id = message.author_id
         LEFT JOIN (
                SELECT DISTINCT ON (partner_id) partner_id, id AS user_id, share, share_changed_at
                  FROM res_users
                 WHERE NOT share OR share_changed_at IS NOT NULL
              ORDER BY partner_id, share, active DESC, id
                   ) AS author_user
                ON author_user.partner_id = message.author_id
               AND author_user.share
                   = COALESCE(message.create_date < author_user.share_changed_at, FALSE)
             WHERE %(is_asked)s
               AND %(is_contact_or_task)s
            """,
            date=self._get_message_date('message'),
            lead=self._get_linked_lead('message'),
            address=address,
            from_inside=from_inside,
            is_asked=SQL("message.id IN %s", are_asked) if are_asked else SQL("TRUE"),
            is_contact_or_task=self._get_message_condition(from_inside),
        )

    @api.model
    def _get_message_date(self, alias):
        """Return SQL for the moment of a row of mail_message.

        The gateway writes as the system user. What it brings happened when it came, unless the sender
        says that it was on the way for a while. The clock of a sender can be wrong.
        """
        return SQL(
            """CASE WHEN %(m)s.message_type = 'email'
                     AND %(m)s.create_uid = %(gateway_id)s
                     AND (%(m)s.date BETWEEN %(m)s.create_date - %(longest)s::interval
                                         AND %(m)s.create_date) IS NOT TRUE
                    THEN date_trunc('second', %(m)s.create_date)
                    ELSE %(m)s.date END""",
            m=SQL.identifier(alias),
            gateway_id=SUPERUSER_ID,
            longest=LONGEST_DELIVERY,
        )

    @api.model
    def _get_message_condition(self, from_inside):
        """Return the condition that a row of mail_message (`message`) is a contact or a done activity.

        :param SQL from_inside: Condition that one of us wrote it.
        """
        get_id = self.env['ir.model.data']._xmlid_to_res_id
        return SQL(
            """(
            %(scope)s
            -- what the system does by itself is nobody's contact
            AND message.author_id IS DISTINCT FROM %(robot_id)s
            AND CASE
                -- each done activity posts one message, which knows when it was done, and by whom
                WHEN message.message_type = 'notification'
                THEN message.mail_activity_type_id IS NOT NULL
                     AND message.subtype_id = %(done_subtype_id)s
                     AND NOT %(stands_for_email)s
                     AND NOT %(stands_for_meeting)s
                -- a mailing is no contact
                WHEN message.message_type NOT IN %(contact_types)s
                THEN FALSE
                -- nor is what the customer's mail program answered
                WHEN message.is_automatic
                THEN FALSE
                WHEN NOT %(from_inside)s
                THEN TRUE
                ELSE %(is_sent_outside)s
                END
            )""",
            scope=self._get_message_scope('message'),
            # from the cache of Odoo: asked at the end of each transaction that is about messages
            robot_id=get_id('base.partner_root', raise_if_not_found=True),
            done_subtype_id=get_id('mail.mt_activities') or 0,
            stands_for_email=self._get_email_activity_condition(),
            stands_for_meeting=self._get_meeting_activity_condition(),
            contact_types=(*LETTERS, *TEXTS),
            from_inside=from_inside,
            is_sent_outside=self._get_sent_outside_condition('message'),
        )

    @api.model
    def _get_message_scope(self, alias):
        """Return the part of the condition that most messages fail: asked first, for it costs least."""
        return SQL(
            "%(m)s.model IN %(models)s"
            " AND (%(m)s.mail_activity_type_id IS NOT NULL OR %(m)s.message_type IN %(types)s)",
            m=SQL.identifier(alias),
            models=tuple(self._get_document_columns()),
            types=(*LETTERS, *TEXTS),
        )

    @api.model
    def _get_sent_outside_condition(self, alias):
        """Return the condition that somebody outside got a message from inside, also as a note."""
        # OFFSET 0: PostgreSQL looks at what belongs to this message, and does not collect all there is.
        return SQL(
            """(
            EXISTS (
                SELECT FROM mail_notification recipient
             LEFT JOIN res_partner partner ON partner.id = recipient.res_partner_id
                 WHERE recipient.mail_message_id = %(m)s.id
                   AND recipient.notification_status NOT IN %(failures)s
                   AND CASE WHEN partner.id IS NULL THEN NOT %(is_inside_address)s
                            ELSE %(is_outside)s END
                OFFSET 0)
            -- written in a mail client to the customer, with the opportunity in copy
            OR %(m)s.message_type = 'email' AND (
                EXISTS (
                    SELECT FROM mail_message_res_partner_rel recipient
                      JOIN res_partner partner ON partner.id = recipient.res_partner_id
                     WHERE recipient.mail_message_id = %(m)s.id
                       AND %(is_outside)s
                       AND NOT EXISTS (
                           SELECT FROM mail_notification failure
                            WHERE failure.mail_message_id = %(m)s.id
                              AND failure.res_partner_id = partner.id
                              AND failure.notification_status IN %(failures)s)
                    OFFSET 0)
                OR EXISTS (
                    SELECT FROM regexp_matches(
                           LOWER(CONCAT_WS(' ', %(m)s.incoming_email_to, %(m)s.incoming_email_cc)),
                           %(address)s, 'g') AS recipient (found)
                     WHERE NOT %(is_inside_recipient)s
                       AND NOT EXISTS (
                           SELECT FROM res_partner partner
                             JOIN crossed ON crossed.partner_id = partner.id
                            WHERE partner.email_normalized = recipient.found[1]
                              AND crossed.share
                                  = (%(m)s.create_date < crossed.share_changed_at))))
            -- other modules send texts without a note of the delivery
            OR %(m)s.message_type IN %(texts)s AND NOT EXISTS (
                SELECT FROM mail_notification recipient WHERE recipient.mail_message_id = %(m)s.id)
            )""",
            m=SQL.identifier(alias),
            failures=FAILURES,
            texts=TEXTS,
            address=ADDRESS,
            is_outside=self._get_outside_partner_condition('partner', alias),
            is_inside_address=self._get_inside_address_condition(
                SQL("LOWER(recipient.mail_email_address)")
            ),
            is_inside_recipient=self._get_inside_address_condition(SQL("recipient.found[1]")),
        )

    # === DONE ACTIVITIES === #

    @api.model
    def _get_email_activity_condition(self):
        """Return the condition that a done activity (`message`) stands for an e-mail that counts.

        An e-mail that the same person sent in the 24 hours before is enough for one activity: since
        then, there are as many e-mails as activities.
        """
        return SQL(
            """(
            message.mail_activity_type_id IN (
                SELECT id FROM mail_activity_type WHERE contact_kind = 'email')
            AND EXISTS (
                WITH sent AS (
                    SELECT %(sent_date)s AS date
                      FROM (%(documents)s) AS document
                      JOIN mail_message letter ON letter.model = document.model
                                              AND letter.res_id = document.res_id
                     WHERE letter.message_type IN %(letters)s
                       -- worded so that the few messages of the opportunity are looked at, and not
                       -- the many of the author
                       AND letter.author_id IS NOT DISTINCT FROM message.author_id
                       AND letter.is_automatic IS NOT TRUE
                       AND %(sent_date)s
                           BETWEEN message.date - interval '1 day' AND message.date
                       AND %(is_sent_outside)s
                )
                SELECT FROM sent
                 WHERE (SELECT COUNT(*) FROM sent later WHERE later.date >= sent.date)
                    >= (SELECT COUNT(*)
                          FROM (%(documents)s) AS document
                          JOIN mail_message done ON done.model = document.model
                                                AND done.res_id = document.res_id
                         WHERE done.message_type = 'notification'
                           AND done.subtype_id = message.subtype_id
                           AND done.author_id IS NOT DISTINCT FROM message.author_id
                           AND done.mail_activity_type_id IN (
                               SELECT id FROM mail_activity_type WHERE contact_kind = 'email')
                           AND done.date >= sent.date
                           AND (done.date, done.id) <= (message.date, message.id)))
            )""",
            sent_date=self._get_message_date('letter'),
            documents=self._get_documents_of(SQL("(%s)", self._get_linked_lead('message'))),
            letters=LETTERS,
            is_sent_outside=self._get_sent_outside_condition('letter'),
        )

    @api.model
    def _get_meeting_activity_condition(self):
        """Return the condition that a done activity (`message`) stands for a meeting in the calendar.

        The meeting counts when it begins, and not when somebody ticks it off. The message does not
        say which activity it is about. Of those of a type and day, as many stand for a meeting as were
        planned in the calendar: first those that their own salesperson did.
        """
        return SQL(
            """(
            message.mail_activity_type_id IN (
                SELECT id FROM mail_activity_type
                 WHERE category = 'meeting' OR contact_kind IN ('meeting', 'visit'))
            AND EXISTS (
                WITH planned AS (
                    SELECT person.partner_id
                      FROM mail_activity activity
                      JOIN calendar_event meeting ON meeting.id = activity.calendar_event_id
                 LEFT JOIN res_users person ON person.id = activity.user_id
                     WHERE activity.res_model = message.model
                       AND activity.res_id = message.res_id
                       AND activity.activity_type_id = message.mail_activity_type_id
                       AND activity.date_done = message.date::date
                       AND NOT activity.active
                       AND meeting.active
                       AND meeting.opportunity_id = %(lead)s
                )
                SELECT FROM (
                    SELECT done.id,
                           ROW_NUMBER() OVER (
                               ORDER BY done.author_id IN (SELECT partner_id FROM planned)
                                        IS TRUE DESC, done.id) AS place
                      FROM mail_message done
                     WHERE done.model = message.model
                       AND done.res_id = message.res_id
                       AND done.message_type = 'notification'
                       AND done.subtype_id = message.subtype_id
                       AND done.mail_activity_type_id = message.mail_activity_type_id
                       AND done.date::date = message.date::date
                       ) AS done
                 WHERE done.id = message.id
                   AND done.place <= (SELECT COUNT(*) FROM planned))
            )""",
            lead=self._get_linked_lead('message'),
        )

    # === MEETINGS === #

    @api.model
    def _get_meeting_query(self, are_asked):
        """Return the query of the meetings in the calendar, those to come too. Their ids are negative.

        Salespeople often do not invite the customer in the calendar: a meeting with the opportunity
        counts whoever attends. What was cancelled does not count: Odoo archives or deletes it.
        An all-day meeting is on a day of the company, in the time zone of its working hours.

        :param SQL are_asked: Subquery of the ids that are asked for; all if None.
        """
        return SQL(
            """
            SELECT -event.id,
                   CASE WHEN event.allday
                        THEN (event.start::date + %(hour)s::interval)
                             AT TIME ZONE COALESCE(working.tz, 'UTC') AT TIME ZONE 'UTC'
                        ELSE event.start END,
                   event.opportunity_id, NULL, NULL, event.user_id, FALSE
              FROM calendar_event event
              JOIN crm_lead lead ON lead.id = event.opportunity_id
         LEFT JOIN res_users organizer ON organizer.id = event.user_id
         LEFT JOIN res_company company
                ON company.id = COALESCE(lead.company_id, organizer.company_id)
         LEFT JOIN resource_calendar working ON working.id = company.resource_calendar_id
             WHERE %(is_asked)s
               AND event.active
            """,
            hour=ALL_DAY_HOUR,
            is_asked=(
                SQL("event.id IN (SELECT -asked.id FROM %s AS asked)", are_asked)
                if are_asked
                else SQL("TRUE")
            ),
        )
