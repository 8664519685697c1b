"""What is a contact with the customer: e-mails and comments that went out of or came into the
company, text messages, done activities of a kind that is a contact, meetings. Notes, mailings,
tracking and other messages of the system are none. Each counts once, however it was logged. One
definition, in SQL, for whatever counts contacts or the time without them.
"""

from odoo import api, fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    # === BUSINESS METHODS === #

    @api.model
    def _get_contact_message_condition(self, alias, with_tasks=False, from_inside=None):
        """Return the condition in SQL that a row of mail_message is a contact; its moment is `date`.

        :param str alias: Alias of mail_message in the query.
        :param bool with_tasks: Done activities of no kind of contact as well.
        :param SQL from_inside: That a user of the company wrote it, where the query knows already.
        :rtype: SQL
        """
        get_id = self.env['ir.model.data']._xmlid_to_res_id
        return SQL(
            """(
            %(scope)s
            -- what the system does by itself is nobody's contact
            AND %(m)s.author_id IS DISTINCT FROM %(robot_id)s
            AND CASE
                -- each done activity posts one message, which knows when it was done, and by whom
                WHEN %(m)s.message_type = 'notification'
                THEN %(m)s.mail_activity_type_id IS NOT NULL
                     AND %(m)s.subtype_id = %(done_subtype_id)s
                     AND %(is_counted_activity)s
                -- Odoo posts them as notes
                WHEN %(m)s.message_type IN ('sms', 'whatsapp_message')
                THEN TRUE
                -- a mailing is none, nor is an automatic answer
                WHEN %(m)s.message_type NOT IN ('email', 'comment')
                THEN FALSE
                -- from outside
                WHEN NOT %(from_inside)s
                THEN COALESCE(%(m)s.is_internal, FALSE) = FALSE
                ELSE %(is_sent_outside)s
                END
            )""",
            scope=self._get_contact_message_scope(alias),
            m=SQL.identifier(alias),
            # from the cache of Odoo: asked at the end of each transaction that is about messages
            robot_id=get_id('base.partner_root', raise_if_not_found=True),
            done_subtype_id=get_id('mail.mt_activities') or 0,
            is_counted_activity=self._get_counted_activity_condition(alias, with_tasks),
            from_inside=from_inside or self._get_message_from_inside_condition(alias),
            is_sent_outside=self._get_sent_outside_condition(alias),
        )

    @api.model
    def _get_contact_message_scope(self, alias):
        """Return the part of the condition that most messages fail: asked first, for it costs least."""
        return SQL(
            "%(m)s.model = 'crm.lead' AND (%(m)s.mail_activity_type_id IS NOT NULL"
            " OR %(m)s.message_type IN ('email', 'comment', 'sms', 'whatsapp_message'))",
            m=SQL.identifier(alias),
        )

    @api.model
    def _get_message_from_inside_condition(self, alias):
        """Return the condition in SQL that a row of mail_message was written by a user of the company,
        whether still active or not: what is a contact then went out, all else came in.
        """
        return SQL(
            # a list of the few, made once, and not a look-up for each of the many messages
            """COALESCE(
                %s IN (SELECT author.partner_id FROM res_users author WHERE NOT author.share), FALSE)""",
            SQL.identifier(alias, 'author_id'),
        )

    @api.model
    def _get_sent_outside_condition(self, alias):
        """Return the condition in SQL that a message from inside is not a note, and that somebody
        outside got it."""
        return SQL(
            """(
            COALESCE(%(m)s.is_internal, FALSE) = FALSE
            AND %(m)s.subtype_id IN (
                SELECT id FROM mail_message_subtype WHERE COALESCE(internal, FALSE) = FALSE)
            AND (
                EXISTS (
                    SELECT FROM mail_notification recipient
                 LEFT JOIN res_partner partner ON partner.id = recipient.res_partner_id
                     WHERE recipient.mail_message_id = %(m)s.id
                       AND COALESCE(partner.partner_share, TRUE)
                       AND recipient.notification_status
                           NOT IN ('bounce', 'exception', 'canceled')
                    OFFSET 0)
                -- written in a mail client to the customer, with the opportunity in copy
                OR %(m)s.message_type = 'email' AND EXISTS (
                    SELECT FROM mail_message_res_partner_rel recipient
                      JOIN res_partner partner ON partner.id = recipient.res_partner_id
                     WHERE recipient.mail_message_id = %(m)s.id
                       AND partner.partner_share
                    OFFSET 0))
            )""",
            m=SQL.identifier(alias),
        )

    @api.model
    def _get_counted_activity_condition(self, alias, with_tasks):
        """Return the condition in SQL that a done activity counts, and not what it is about: an e-mail
        that the same person sent in the 24 hours before, or a meeting in the calendar, which counts
        when it begins and not when somebody ticks it off.
        """
        # OFFSET 0: PostgreSQL looks at what belongs to this activity, and does not collect all there is.
        return SQL(
            """(
            (%(with_tasks)s OR %(m)s.mail_activity_type_id IN (
                SELECT id FROM mail_activity_type WHERE contact_kind IS NOT NULL))
            AND (
                %(m)s.mail_activity_type_id NOT IN (
                    SELECT id FROM mail_activity_type WHERE contact_kind = 'email')
                OR NOT EXISTS (
                    SELECT FROM mail_message sent
                     WHERE sent.model = 'crm.lead'
                       AND sent.res_id = %(m)s.res_id
                       AND sent.message_type IN ('email', 'comment')
                       -- worded so that the few messages of the opportunity are looked at, and
                       -- not the many of the author
                       AND sent.author_id IS NOT DISTINCT FROM %(m)s.author_id
                       AND sent.date BETWEEN %(m)s.date - interval '1 day' AND %(m)s.date
                       AND %(is_sent_outside)s
                    OFFSET 0))
            AND (
                %(m)s.mail_activity_type_id NOT IN (
                    SELECT id FROM mail_activity_type
                     WHERE category = 'meeting' OR contact_kind IN ('meeting', 'visit'))
                OR NOT EXISTS (
                    SELECT FROM mail_activity planned
                      JOIN calendar_event meeting ON meeting.id = planned.calendar_event_id
                     WHERE planned.res_model = 'crm.lead'
                       AND planned.res_id = %(m)s.res_id
                       AND planned.activity_type_id = %(m)s.mail_activity_type_id
                       AND planned.date_done = %(m)s.date::date
                       AND NOT planned.active
                       AND meeting.active
                       AND meeting.opportunity_id = %(m)s.res_id
                    OFFSET 0))
            )""",
            m=SQL.identifier(alias),
            with_tasks=with_tasks,
            is_sent_outside=self._get_sent_outside_condition('sent'),
        )

    @api.model
    def _get_contact_meeting_condition(self, alias, to_come=False):
        """Return the condition in SQL that a row of calendar_event is a contact with the customer of
        `opportunity_id`; its moment is `start`. Salespeople often do not invite the customer in the
        calendar: a meeting with the opportunity counts whoever attends. What is still to come does
        not count, nor what was cancelled, which Odoo archives or deletes.

        :param str alias: Alias of calendar_event in the query.
        :param bool to_come: Meetings that are still to come as well.
        :rtype: SQL
        """
        return SQL(
            "(%(event)s.active AND %(event)s.opportunity_id IS NOT NULL AND %(has_begun)s)",
            event=SQL.identifier(alias),
            has_begun=(
                SQL("TRUE")
                if to_come
                else SQL("%s <= %s", SQL.identifier(alias, 'start'), fields.Datetime.now())
            ),
        )
