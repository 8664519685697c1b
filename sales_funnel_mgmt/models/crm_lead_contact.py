"""What is a contact with the customer: e-mails and comments that went out of or came into the
company, done activities of a kind that is a contact, meetings. Notes, tracking and other messages of
the system are none. One definition, in SQL, for whatever counts contacts or the time without them.
"""

from odoo import api, models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    # === BUSINESS METHODS === #

    @api.model
    def _get_contact_message_condition(self, alias):
        """Return the condition in SQL that a row of mail_message is a contact; its moment is `date`.

        :param str alias: Alias of mail_message in the query.
        :rtype: SQL
        """
        subtypes = self.env['mail.message.subtype'].sudo()
        done_subtype = self.env.ref('mail.mt_activities', raise_if_not_found=False) or subtypes
        return SQL(
            """(
            %(m)s.model = 'crm.lead'
            AND CASE
                -- each done activity posts one message, which knows when it was done, and by whom
                WHEN %(m)s.message_type = 'notification'
                THEN %(m)s.mail_activity_type_id IS NOT NULL
                     AND %(m)s.subtype_id = %(done_subtype_id)s
                     AND EXISTS (
                         SELECT FROM mail_activity_type kind
                          WHERE kind.id = %(m)s.mail_activity_type_id
                            AND kind.contact_kind IS NOT NULL)
                WHEN %(m)s.message_type NOT IN ('email', 'comment', 'email_outgoing', 'sms')
                THEN FALSE
                -- from outside
                WHEN NOT %(from_inside)s
                THEN %(m)s.message_type IN ('email', 'comment')
                -- from inside: not a note, and somebody outside got it
                ELSE COALESCE(%(m)s.is_internal, FALSE) = FALSE
                     AND EXISTS (
                         SELECT FROM mail_message_subtype subtype
                          WHERE subtype.id = %(m)s.subtype_id
                            AND COALESCE(subtype.internal, FALSE) = FALSE)
                     AND (
                         %(m)s.message_type = 'email_outgoing'
                         OR EXISTS (
                             SELECT FROM mail_notification recipient
                          LEFT JOIN res_partner partner ON partner.id = recipient.res_partner_id
                              WHERE recipient.mail_message_id = %(m)s.id
                                AND COALESCE(partner.partner_share, TRUE)
                                AND recipient.notification_status
                                    NOT IN ('bounce', 'exception', 'canceled'))
                         -- written in a mail client to the customer, with the opportunity in copy
                         OR %(m)s.message_type = 'email' AND EXISTS (
                             SELECT FROM mail_message_res_partner_rel recipient
                               JOIN res_partner partner ON partner.id = recipient.res_partner_id
                              WHERE recipient.mail_message_id = %(m)s.id
                                AND partner.partner_share))
                END
            )""",
            m=SQL.identifier(alias),
            from_inside=self._get_message_from_inside_condition(alias),
            done_subtype_id=done_subtype.id or 0,
        )

    @api.model
    def _get_message_from_inside_condition(self, alias):
        """Return the condition in SQL that a row of mail_message was written by a user of the company,
        whether still active or not: what is a contact then went out, all else came in.
        """
        return SQL(
            """EXISTS (
                SELECT FROM res_users author
                 WHERE author.partner_id = %s AND NOT author.share)""",
            SQL.identifier(alias, 'author_id'),
        )

    @api.model
    def _get_contact_meeting_condition(self, alias):
        """Return the condition in SQL that a row of calendar_event is a contact with the customer of
        `opportunity_id`; its moment is `start`. Salespeople often do not invite the customer in the
        calendar: a meeting with the opportunity counts whoever attends. What is still to come does
        not count, nor what was cancelled, which Odoo archives or deletes.

        :param str alias: Alias of calendar_event in the query.
        :rtype: SQL
        """
        event = SQL.identifier(alias)
        return SQL(
            "(%(event)s.active AND %(event)s.opportunity_id IS NOT NULL AND %(event)s.start <= %(now)s)",
            event=event,
            now=self.env.cr.now(),
        )

    @api.model
    def _get_last_contacts(self, lead_ids):
        """Return the last contact of each of the leads that has had one.

        :return: {lead id: (moment, kind)}; the kind is that of a done activity (`contact_kind` of its
            type), 'email_in', 'email_out' or 'meeting'.
        :rtype: dict[int, tuple]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (contact.lead_id) contact.lead_id, contact.moment, contact.kind
                  FROM (
                    SELECT m.res_id AS lead_id, m.date AS moment,
                           COALESCE(kind.contact_kind,
                                    CASE WHEN %(from_inside)s THEN 'email_out' ELSE 'email_in' END
                           ) AS kind
                      FROM mail_message m
                 LEFT JOIN mail_activity_type kind ON kind.id = m.mail_activity_type_id
                     WHERE m.res_id = ANY(%(lead_ids)s) AND %(message_condition)s
                 UNION ALL
                    SELECT e.opportunity_id, e.start, 'meeting'
                      FROM calendar_event e
                     WHERE e.opportunity_id = ANY(%(lead_ids)s) AND %(meeting_condition)s
                  ) AS contact
              ORDER BY contact.lead_id, contact.moment DESC
                """,
                lead_ids=list(lead_ids),
                from_inside=self._get_message_from_inside_condition('m'),
                message_condition=self._get_contact_message_condition('m'),
                meeting_condition=self._get_contact_meeting_condition('e'),
            )
        )
        return {lead_id: (moment, kind) for lead_id, moment, kind in rows}
