"""Decide what is a contact with a customer, and when it was.

The conditions look at who wrote to whom, whether the message arrived, and whether a program wrote it. They
judge a message by the time when it was written, so that later changes do not matter. `counting` applies
them. All other code reads the table.
"""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS

from ..crm_communication import EMAIL_TYPES, MESSAGE_TYPES, TEXT_TYPES

FAILURES = ('bounce', 'exception', 'canceled')
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

        Call `_update_pending` before the query runs: the table is updated at the end of the transaction.

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

        Other modules add theirs. They call `_schedule_recount` when the column changes.

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
        """Return the CTEs that define who is inside the company.

        `insider` holds the internal users with the addresses of the user and of the contacts below the
        user's. `crossed` holds the users who became internal, or stopped being so, with the moment of
        the change. `own_domain` holds the alias domains, without those of public providers.
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
                SELECT person.partner_id, partner.email_normalized AS address,
                       person.share, person.share_changed_at
                  FROM res_users person
                  JOIN res_partner partner ON partner.id = person.partner_id
                 WHERE person.share_changed_at IS NOT NULL
            ),
            own_domain AS MATERIALIZED (
                SELECT LOWER(name) AS name
                  FROM mail_alias_domain
                 WHERE LOWER(name) <> ALL(%(providers)s)
            )
            """,
            address=ADDRESS,
            providers=sorted(_MAIL_PROVIDERS),
        )

    @api.model
    def _get_inside_address_condition(self, address):
        """Return the condition that an address is that of a user, or in an alias domain of ours.

        :param SQL address: The address, in lower case.
        """
        return SQL(
            """COALESCE(
                %(address)s IN (SELECT address FROM insider)
                OR split_part(%(address)s, '@', 2) IN (SELECT name FROM own_domain), FALSE)""",
            address=address,
        )

    # === MESSAGES === #

    @api.model
    def _get_message_parts(self, are_asked):
        """Return the CTEs of `_get_message_query`.

        `message` holds the messages that are contacts, and the done activities. `replaced` holds the
        IDs of the done activities that an e-mail or a meeting replaces.

        :param SQL are_asked: Subquery of the ids that are asked for; all if None. It includes all
            done activities of an opportunity, or none.
        """
        address = SQL(
            "COALESCE(author.email_normalized, SUBSTRING(LOWER(message.email_from) FROM %s))",
            ADDRESS,
        )
        # OFFSET 0: PostgreSQL computes the columns once, and plans them once.
        return SQL(
            """
            %(sides)s,
            message AS MATERIALIZED (
                SELECT message.*
                  FROM (
                    SELECT message.id, message.model, message.res_id, message.message_type,
                           message.mail_activity_type_id, message.subtype_id, message.author_id,
                           message.is_automatic, message.create_date,
                           message.incoming_email_to, message.incoming_email_cc,
                           %(date)s AS date,
                           %(lead)s AS lead_id,
                           %(address)s AS address,
                           author_user.user_id,
                           author_user.user_id IS NOT NULL OR %(has_inside_address)s
                           AS is_from_inside
                      FROM mail_message message
                 LEFT JOIN res_partner author ON author.id = message.author_id
                 LEFT JOIN (
                        SELECT DISTINCT ON (partner_id)
                               partner_id, id AS user_id, share, share_changed_at
                          FROM res_users
                         WHERE NOT share OR share_changed_at IS NOT NULL
                      ORDER BY partner_id, share, active DESC, id
                           ) AS author_user
                        ON author_user.partner_id = message.author_id
                       AND author_user.share
                           = COALESCE(message.create_date < author_user.share_changed_at, FALSE)
                     WHERE %(is_asked)s
                       AND %(scope)s
                    OFFSET 0
                       ) AS message
                 WHERE %(is_contact_or_task)s
            ),
            replaced AS MATERIALIZED (%(by_email)s UNION ALL %(by_meeting)s)
            """,
            sides=self._get_sides(),
            date=self._get_message_date('message'),
            lead=self._get_linked_lead('message'),
            address=address,
            has_inside_address=self._get_inside_address_condition(address),
            is_asked=SQL("message.id IN %s", are_asked) if are_asked else SQL("TRUE"),
            scope=self._get_message_scope('message'),
            is_contact_or_task=self._get_message_condition(),
            by_email=self._get_activities_of_emails(are_asked),
            by_meeting=self._get_activities_of_meetings(),
        )

    @api.model
    def _get_message_query(self):
        """Return the query of the messages that are contacts, and of the other done activities.

        It needs `_get_message_parts`.
        """
        return SQL(
            """
            SELECT message.id, message.date, message.lead_id, message.message_type,
                   message.mail_activity_type_id,
                   COALESCE(message.user_id, (
                       SELECT MIN(insider.user_id)
                         FROM insider
                        WHERE insider.address = message.address
                   )) AS actor_id,
                   -- a user did the activity, even if that user has been deleted since
                   NOT message.is_from_inside AND message.message_type <> 'notification'
                   AS is_incoming
              FROM message
             WHERE message.id NOT IN (SELECT id FROM replaced)
            """
        )

    @api.model
    def _get_message_date(self, alias):
        """Return SQL for the moment of a row of mail_message.

        An e-mail from the gateway, which writes as the system user, counts when it arrived. If its Date
        header is at most `LONGEST_DELIVERY` older, that date counts. Clocks of senders can be wrong.
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
    def _get_message_condition(self):
        """Return the condition that a `message` of the query above is a contact or a done activity."""
        get_id = self.env['ir.model.data']._xmlid_to_res_id
        return SQL(
            """(
            -- messages of the system are no contacts
            message.author_id IS DISTINCT FROM %(robot_id)s
            AND CASE
                -- a done activity posts one message, with the moment and the user
                WHEN message.message_type = 'notification'
                THEN message.mail_activity_type_id IS NOT NULL
                     AND message.subtype_id = %(done_subtype_id)s
                -- a mailing is no contact
                WHEN message.message_type NOT IN %(contact_types)s
                THEN FALSE
                -- nor is an automatic reply
                WHEN message.is_automatic
                THEN FALSE
                WHEN NOT message.is_from_inside
                THEN TRUE
                ELSE %(is_sent_outside)s
                END
            )""",
            # from the cache of Odoo: asked at the end of each transaction that is about messages
            robot_id=get_id('base.partner_root', raise_if_not_found=True),
            done_subtype_id=get_id('mail.mt_activities') or 0,
            contact_types=MESSAGE_TYPES,
            is_sent_outside=self._get_sent_outside_condition(),
        )

    @api.model
    def _get_message_scope(self, alias):
        """Return the part of the condition that most messages fail, and that costs least."""
        return SQL(
            "%(m)s.model IN %(models)s"
            " AND (%(m)s.mail_activity_type_id IS NOT NULL OR %(m)s.message_type IN %(types)s)",
            m=SQL.identifier(alias),
            models=tuple(self._get_document_columns()),
            types=MESSAGE_TYPES,
        )

    @api.model
    def _get_sent_outside_condition(self):
        """Return the condition that somebody outside got a `message` from inside, also as a note."""
        # OFFSET 0: PostgreSQL reads the recipients of this message, not those of all messages.
        return SQL(
            """(
            EXISTS (
                SELECT FROM (
                    SELECT res_partner_id AS partner_id, LOWER(mail_email_address) AS address
                      FROM mail_notification
                     WHERE mail_message_id = message.id
                       AND notification_status NOT IN %(failures)s
                 UNION ALL
                    -- an e-mail from a mail program to the customer, with Odoo in copy
                    SELECT res_partner_id, NULL
                      FROM mail_message_res_partner_rel recipient
                     WHERE mail_message_id = message.id
                       AND message.message_type = 'email'
                       AND NOT EXISTS (
                           SELECT FROM mail_notification failure
                            WHERE failure.mail_message_id = message.id
                              AND failure.res_partner_id = recipient.res_partner_id
                              AND failure.notification_status IN %(failures)s)
                 UNION ALL
                    SELECT NULL, found[1]
                      FROM regexp_matches(
                           LOWER(CONCAT_WS(' ', message.incoming_email_to, message.incoming_email_cc)),
                           %(address)s, 'g') AS found
                     WHERE message.message_type = 'email'
                       ) AS recipient
             LEFT JOIN res_partner partner ON partner.id = recipient.partner_id
                 WHERE (partner.id IN (SELECT partner_id FROM insider)) IS NOT TRUE
                   AND NOT EXISTS (
                       SELECT FROM crossed
                        WHERE (crossed.partner_id = partner.id
                               OR crossed.address = recipient.address)
                          AND crossed.share = (message.create_date < crossed.share_changed_at))
                   AND NOT %(is_inside_address)s
                OFFSET 0)
            -- other modules send texts without a note of the delivery
            OR message.message_type IN %(texts)s AND NOT EXISTS (
                SELECT FROM mail_notification recipient WHERE recipient.mail_message_id = message.id)
            )""",
            failures=FAILURES,
            texts=TEXT_TYPES,
            address=ADDRESS,
            is_inside_address=self._get_inside_address_condition(
                SQL("COALESCE(partner.email_normalized, recipient.address)")
            ),
        )

    # === DONE ACTIVITIES === #

    @api.model
    def _get_activities_of_emails(self, are_asked):
        """Return the query of the done activities that an e-mail replaces.

        An e-mail replaces one activity that the same person does within 24 hours. An activity is
        replaced if, since one of these e-mails, there have been at least as many e-mails as
        activities. E-mails that are not asked for are in the table already.
        """
        return SQL(
            """
                SELECT id
                  FROM (
                    SELECT id, is_activity, balance,
                           MIN(balance - 1) FILTER (WHERE NOT is_activity) OVER (
                               PARTITION BY lead_id, author_id
                                   ORDER BY date
                               RANGE BETWEEN interval '1 day' PRECEDING AND CURRENT ROW
                           ) AS least_balance_before_email
                      FROM (
                        SELECT step.*,
                               -- e-mails sent so far, less activities done so far
                               SUM(CASE WHEN is_activity THEN -1 ELSE 1 END) OVER (
                                   PARTITION BY lead_id, author_id
                                       ORDER BY date, is_activity, id
                               ) AS balance
                          FROM (
                            SELECT id, lead_id, author_id, date,
                                   message_type = 'notification' AS is_activity
                              FROM message
                             WHERE message_type IN %(emails)s AND is_from_inside
                                OR message_type = 'notification' AND mail_activity_type_id IN %(types)s
                         %(others)s
                               ) AS step
                           ) AS step
                       ) AS step
                 WHERE is_activity
                   AND least_balance_before_email <= balance
            """,
            emails=EMAIL_TYPES,
            types=SQL("(SELECT id FROM mail_activity_type WHERE contact_kind = 'email')"),
            others=(
                SQL(
                    """
                         UNION ALL
                            SELECT noted.id, noted.lead_id, email.author_id, noted.date, FALSE
                              FROM crm_communication noted
                              JOIN mail_message email ON email.id = noted.id
                             WHERE noted.lead_id IN (
                                   SELECT lead_id FROM message
                                    WHERE message_type = 'notification')
                               AND noted.id NOT IN %s
                               AND noted.direction = 'out'
                               AND email.message_type IN %s
                    """,
                    are_asked,
                    EMAIL_TYPES,
                )
                if are_asked
                else SQL()
            ),
        )

    @api.model
    def _get_activities_of_meetings(self):
        """Return the query of the done activities that a meeting in the calendar replaces.

        The meeting counts when it begins, not when the activity is marked as done. A message does not name
        its activity. Of the messages of a type and day, as many are replaced as activities have a
        meeting in the calendar: first those of the users to whom these activities are assigned.
        """
        return SQL(
            """
                SELECT id
                  FROM (
                    SELECT message.id, planned.count,
                           ROW_NUMBER() OVER (
                               PARTITION BY message.model, message.res_id,
                                            message.mail_activity_type_id, planned.date_done
                                   ORDER BY COALESCE(
                                            message.author_id = ANY(planned.partner_ids), FALSE) DESC,
                                            message.id
                           ) AS place
                      FROM message
                      JOIN (
                        SELECT activity.res_model, activity.res_id, activity.activity_type_id,
                               activity.date_done, meeting.opportunity_id, COUNT(*) AS count,
                               ARRAY_AGG(person.partner_id) AS partner_ids
                          FROM mail_activity activity
                          JOIN calendar_event meeting ON meeting.id = activity.calendar_event_id
                     LEFT JOIN res_users person ON person.id = activity.user_id
                         WHERE activity.res_model IN %(models)s
                           AND activity.res_id IN (
                               SELECT res_id FROM message WHERE message_type = 'notification')
                           AND activity.activity_type_id IN (
                               SELECT id FROM mail_activity_type
                                WHERE category = 'meeting' OR contact_kind IN ('meeting', 'visit'))
                           AND NOT activity.active
                           AND meeting.active
                      GROUP BY 1, 2, 3, 4, 5
                           ) AS planned
                        ON planned.res_model = message.model
                       AND planned.res_id = message.res_id
                       AND planned.activity_type_id = message.mail_activity_type_id
                       AND planned.date_done = message.date::date
                       AND planned.opportunity_id = message.lead_id
                     WHERE message.message_type = 'notification'
                       ) AS done
                 WHERE place <= count
            """,
            models=tuple(self._get_document_columns()),
        )

    # === MEETINGS === #

    @api.model
    def _get_meeting_query(self, are_asked):
        """Return the query of the meetings in the calendar, also of future ones. Their ids are negative.

        The attendees do not matter, since salespeople often do not invite the customer. A cancelled
        meeting, which Odoo archives or deletes, does not count. An all-day meeting is on a day of the
        company, in its time zone.

        :param SQL are_asked: Subquery of the ids that are asked for; all if None.
        """
        return SQL(
            """
            SELECT -event.id,
                   CASE WHEN event.allday
                        THEN (event.start::date + %(hour)s::interval)
                             AT TIME ZONE COALESCE(company.sales_tz, 'UTC') AT TIME ZONE 'UTC'
                        ELSE event.start END,
                   event.opportunity_id, NULL, NULL, event.user_id, FALSE
              FROM calendar_event event
              JOIN crm_lead lead ON lead.id = event.opportunity_id
         LEFT JOIN res_users organizer ON organizer.id = event.user_id
         LEFT JOIN res_company company
                ON company.id = COALESCE(lead.company_id, organizer.company_id)
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
