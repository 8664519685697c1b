"""Build the statements that recount all communications or some of them."""

from odoo import api, models
from odoo.tools import SQL

from ..crm_communication import EMAIL_TYPES

COLUMNS = (
    'id',
    'date',
    'kind',
    'direction',
    'lead_id',
    'user_id',
    'owner_id',
    'stage_id',
    'team_id',
    'company_id',
    'merged_lead_ref',
)


class CrmCommunication(models.Model):
    _inherit = 'crm.communication'

    # === QUERY === #

    @api.model
    def _get_columns(self, alias=None):
        return SQL(", ").join(
            SQL.identifier(alias, name) if alias else SQL.identifier(name) for name in COLUMNS
        )

    @api.model
    def _get_query(self, are_asked=None):
        """Return the query of the communications, with `_get_columns`.

        :param SQL are_asked: Subquery of the ids that are asked for; all without it.
        :rtype: SQL
        """
        return SQL(
            """
            WITH %(parts)s
            SELECT source.id,
                   source.date,
                   %(kind)s AS kind,
                   CASE WHEN source.is_incoming THEN 'in' ELSE 'out' END AS direction,
                   source.lead_id,
                   CASE WHEN source.is_incoming THEN %(owner_id)s
                        ELSE source.actor_id END AS user_id,
                   %(owner_id)s AS owner_id,
                   %(stage_id)s AS stage_id,
                   %(team_id)s AS team_id,
                   %(company_id)s AS company_id,
                   noted.merged_lead_ref
              FROM (%(messages)s UNION ALL %(meetings)s) AS source
              -- messages of a deleted opportunity are left out
              JOIN crm_lead lead ON lead.id = source.lead_id
         LEFT JOIN mail_activity_type type ON type.id = source.mail_activity_type_id
         -- the row so far has the former opportunity of a merged one, and the salesperson of a lead, which
         -- has no stays
         LEFT JOIN crm_communication noted
                ON noted.id = source.id
               AND noted.lead_id = source.lead_id
                   %(stay)s
            """,
            parts=self._get_message_parts(are_asked),
            kind=self._get_kind(),
            owner_id=self._get_value_at_that_time('owner_id', 'user_id'),
            stage_id=self._get_value_at_that_time('stage_id'),
            team_id=self._get_value_at_that_time('team_id'),
            company_id=self._get_value_at_that_time('company_id'),
            messages=self._get_message_query(),
            meetings=self._get_meeting_query(are_asked),
            stay=self._get_stay_join(are_asked),
        )

    @api.model
    def _get_stay_join(self, are_asked):
        """Return the join of the last stay that had begun at that time, even if it had ended.

        A recount of everything reads all stays once. A recount of some communications reads the stays of
        each opportunity. The stays of a merged opportunity are found by its former ID.
        """
        if are_asked:
            return SQL(
                """
 LEFT JOIN LATERAL (
                (SELECT *
                   FROM crm_stage_history
                  WHERE lead_id = COALESCE(noted.merged_lead_ref, source.lead_id)
                    AND entered_at <= source.date
               ORDER BY id DESC
                  LIMIT 1)
             UNION ALL
                (SELECT *
                   FROM crm_stage_history
                  WHERE lead_ref = noted.merged_lead_ref
                    AND lead_id IS NULL
                    AND entered_at <= source.date
               ORDER BY id DESC
                  LIMIT 1)
                  LIMIT 1
                   ) AS stay ON TRUE
                """
            )
        return SQL(
            """
         LEFT JOIN (
                SELECT lead_ref, stage_id, user_id, team_id, company_id, entered_at,
                       LEAD(entered_at, 1, 'infinity') OVER (PARTITION BY lead_ref ORDER BY id)
                       AS next_entered_at
                  FROM crm_stage_history
                   ) AS stay
                ON stay.lead_ref = COALESCE(noted.merged_lead_ref, source.lead_id)
               AND source.date >= stay.entered_at
               AND source.date < stay.next_entered_at
            """
        )

    @api.model
    def _get_value_at_that_time(self, column, source_column=None):
        """Return the SQL of a value at that time: that of the stay.

        Without a stay, the value of the row so far counts, then that of the first stay, then that of the
        lead.
        """
        return SQL(
            """
            CASE WHEN stay.lead_ref IS NOT NULL THEN stay.%(of_stay)s
                 WHEN noted.id IS NOT NULL THEN noted.%(column)s
                 ELSE (
                SELECT nearest.%(of_stay)s
                  FROM (
                    (SELECT 1 AS choice, %(of_stay)s FROM crm_stage_history
                      WHERE lead_id = source.lead_id ORDER BY id LIMIT 1)
                 UNION ALL
                     SELECT 2, lead.%(of_stay)s
                       ) AS nearest
              ORDER BY nearest.choice
                 LIMIT 1
            ) END
            """,
            column=SQL.identifier(column),
            of_stay=SQL.identifier(source_column or column),
        )

    @api.model
    def _get_kind(self):
        """Return the SQL of the kind. A meeting that was planned by an activity has the activity's kind."""
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
                 WHEN source.message_type IN %(emails)s THEN 'email'
                 ELSE 'message' END
            """,
            emails=EMAIL_TYPES,
        )

    # === UPDATE === #

    @api.model
    def _get_update_query(self, pending):
        """Return the statement that recounts the scheduled records.

        An e-mail or a meeting can replace an activity. The done activities of the present and of the former
        opportunity are therefore recounted as well. Unchanged rows are not written, so that concurrent
        transactions about one opportunity do not conflict.

        :param dict pending: IDs by source, see `_schedule_recount`.
        :rtype: SQL
        """
        ids = {source: list(pending.get(source, ())) for source in self._get_sources()}
        return SQL(
            """
            WITH activity AS MATERIALIZED (%(activities)s),
            written AS MATERIALIZED (%(written)s),
            lead AS MATERIALIZED (%(leads)s),
            asked AS MATERIALIZED (%(asked)s),
            fresh AS MATERIALIZED (%(fresh)s),
            gone AS (%(deletion)s)
            %(upsert)s
            """,
            activities=self._get_written_activities(ids),
            written=self._get_written_ids(ids),
            leads=self._get_written_leads(ids),
            asked=self._get_asked_ids(),
            fresh=self._get_query(are_asked=SQL("(SELECT id FROM asked)")),
            deletion=self._get_gone_deletion(),
            upsert=self._get_fresh_upsert(),
        )

    @api.model
    def _get_rebuild_query(self):
        """Return the statement that recounts everything."""
        return SQL(
            """
            WITH fresh AS MATERIALIZED (%(fresh)s),
            gone AS (
                DELETE FROM crm_communication
                 WHERE NOT EXISTS (SELECT FROM fresh WHERE fresh.id = crm_communication.id)
            )
            %(upsert)s
            """,
            fresh=self._get_query(),
            upsert=self._get_fresh_upsert(),
        )

    @api.model
    def _get_sources(self):
        """Return the kinds of records that communications are made of, see `_schedule_recount`."""
        sources = ('message', 'notification', 'activity', 'activity_type', 'event', 'lead')
        return (*sources, *(model for model in self._get_document_columns() if model != 'crm.lead'))

    @api.model
    def _get_written_activities(self, ids):
        """Return the query of `activity`: the written activities on leads, and their meetings."""
        return SQL(
            """
                SELECT res_id, calendar_event_id
                  FROM mail_activity
                 WHERE id = ANY(%(ids)s::int[])
                   AND res_model = 'crm.lead'
            """,
            ids=ids['activity'],
        )

    @api.model
    def _get_written_ids(self, ids):
        """Return the query of `written`: the ids of the communications of written records.

        A written notification, activity or activity type stands for its messages and meetings.
        """
        return SQL(
            """
                SELECT unnest(%(message)s::int[]) AS id
             UNION
                SELECT mail_message_id FROM mail_notification WHERE id = ANY(%(notification)s::int[])
             UNION
                SELECT -unnest(%(event)s::int[])
             UNION
                SELECT -calendar_event_id FROM activity WHERE calendar_event_id IS NOT NULL
            %(of_types)s
            %(of_documents)s
            """,
            message=ids['message'],
            notification=ids['notification'],
            event=ids['event'],
            of_types=self._get_sources_of_types(ids['activity_type']),
            of_documents=self._get_messages_of_documents(ids),
        )

    @api.model
    def _get_sources_of_types(self, type_ids):
        """Return the rest of a UNION: all done activities and meetings of some activity types.

        No index helps to find them. The statement has this part only if a type was changed.
        """
        if not type_ids:
            return SQL()
        return SQL(
            """
             UNION
                SELECT id FROM mail_message
                 WHERE mail_activity_type_id = ANY(%(type_ids)s) AND model IN %(models)s
             UNION
                SELECT -calendar_event_id FROM mail_activity
                 WHERE activity_type_id = ANY(%(type_ids)s) AND calendar_event_id IS NOT NULL
            """,
            type_ids=type_ids,
            models=tuple(self._get_document_columns()),
        )

    @api.model
    def _get_messages_of_documents(self, ids):
        """Return the rest of a UNION: the messages of documents that were linked to another lead."""
        return SQL("").join(
            SQL(
                "UNION SELECT id FROM mail_message WHERE model = %s AND res_id = ANY(%s)",
                model,
                ids[model],
            )
            for model in self._get_document_columns()
            if model != 'crm.lead' and ids[model]
        )

    @api.model
    def _get_written_leads(self, ids):
        """Return the query of `lead`: the ids of the present and former leads of the written records."""
        return SQL(
            """
                SELECT unnest(%(lead_ids)s::int[]) AS id
             UNION
                SELECT res_id FROM activity
             UNION
                SELECT %(linked_lead)s
                  FROM written
                  JOIN mail_message message ON message.id = written.id
                 WHERE message.model IN %(models)s
             UNION
                SELECT event.opportunity_id
                  FROM written
                  JOIN calendar_event event ON event.id = -written.id
             UNION
                SELECT former.lead_id
                  FROM written
                  JOIN crm_communication former ON former.id = written.id
            """,
            lead_ids=ids['lead'],
            linked_lead=self._get_linked_lead('message'),
            models=tuple(self._get_document_columns()),
        )

    @api.model
    def _get_asked_ids(self):
        """Return the query of `asked`: the ids to recount.

        These are the written records, and the done activities of their leads.
        """
        return SQL(
            """
                SELECT id FROM written
             UNION
                SELECT message.id
                  FROM (%s) AS document
                  JOIN mail_message message ON message.model = document.model
                   AND message.res_id = document.res_id
                 WHERE message.mail_activity_type_id IS NOT NULL
            """,
            self._get_documents_of(SQL("(SELECT id FROM lead)")),
        )

    @api.model
    def _get_gone_deletion(self):
        """Return the DELETE of the rows of `asked` that are no longer communications: not in `fresh`."""
        return SQL(
            """
                DELETE FROM crm_communication
                 WHERE id IN (SELECT id FROM asked EXCEPT SELECT id FROM fresh)
            """
        )

    @api.model
    def _get_fresh_upsert(self):
        """Return the INSERT or UPDATE of the rows of `fresh` that differ from those in the table."""
        return SQL(
            """
            INSERT INTO crm_communication (%(columns)s)
            SELECT %(fresh_columns)s
              FROM fresh
         LEFT JOIN crm_communication former ON former.id = fresh.id
             WHERE (%(former_columns)s) IS DISTINCT FROM (%(fresh_columns)s)
       ON CONFLICT (id) DO UPDATE
               SET %(assignments)s
            """,
            columns=self._get_columns(),
            fresh_columns=self._get_columns('fresh'),
            former_columns=self._get_columns('former'),
            assignments=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                for name in COLUMNS[1:]
            ),
        )

    # === FOR OTHER CAPABILITIES === #

    @api.model
    def _get_stay_update(self, stays):
        """Return the UPDATE of the communications for new or changed stays, as a part of a statement.

        It writes the communications since the stay began: those of the same second, and future meetings.

        :param SQL stays: Query of `lead_id`, `user_id`, `stage_id`, `team_id`, `company_id` and
            `entered_at` of the last stay: one row for each opportunity.
        :rtype: SQL
        """
        return SQL(
            """
            UPDATE crm_communication communication
               SET user_id = CASE WHEN communication.direction = 'in' THEN stay.user_id
                                  ELSE communication.user_id END,
                   owner_id = stay.user_id,
                   stage_id = stay.stage_id,
                   team_id = stay.team_id,
                   company_id = stay.company_id
              FROM (%s) AS stay
             WHERE communication.lead_id = stay.lead_id
               -- the communications of a merged opportunity have stays of their own
               AND communication.merged_lead_ref IS NULL
               AND communication.date >= stay.entered_at
               AND (communication.owner_id, communication.stage_id,
                    communication.team_id, communication.company_id)
                   IS DISTINCT FROM
                   (stay.user_id, stay.stage_id, stay.team_id, stay.company_id)
            """,
            stays,
        )

    @api.model
    def _get_company_update(self, leads):
        """Return the UPDATE of communications without a company, as a part of a statement.

        They get the company that their opportunity gets.

        :param SQL leads: Query of `lead_id`, `company_id` and `until`, the beginning of the present
            stay. `_get_stay_update` writes the later communications.
        :rtype: SQL
        """
        return SQL(
            """
            UPDATE crm_communication communication
               SET company_id = lead.company_id
              FROM (%s) AS lead
             WHERE communication.lead_id = lead.lead_id
               AND communication.company_id IS NULL
               AND communication.date < lead.until
            """,
            leads,
        )
