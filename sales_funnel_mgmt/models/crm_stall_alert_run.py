"""The scheduled run: which alerts there are to be, who gets an activity, what has closed.

The state is in the alerts alone, and each step finds in the database what is left to do: a run that
is killed anywhere is gone on with by the next one. Steps that look at all opportunities are one SQL
statement; what passes through the ORM (activities) does so in batches, each committed.
"""

from markupsafe import Markup
from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL, format_date

# Activities are created, and removed, in transactions of so many each
BATCH_SIZE = 500


class CrmStallAlert(models.Model):
    _inherit = 'crm.stall.alert'

    # === CRON METHODS === #

    @api.model
    def _cron_run(self):
        """Bring the alerts up to date, step by step; see the top of the file."""
        steps = [
            self._sync,
            self._remove_closed_activities,
            self._raise_batch,
            self._escalate_batch,
            self._send_next_digest,
        ]
        attempts = 20
        while steps:
            try:
                count = steps[0]()
                self.env.flush_all()
            except (SerializationFailure, DeadlockDetected):
                # Another run, or a user, has changed the same in this moment: once more, as it is now.
                self.env.cr.rollback()
                attempts -= 1
                if not attempts:
                    self.env['ir.cron']._commit_progress(remaining=1)
                    return
                continue
            if not count:
                steps.pop(0)
            seconds_left = self.env['ir.cron']._commit_progress(count, remaining=int(bool(steps)))
            self.env.invalidate_all()
            if not seconds_left:
                return

    # === BUSINESS METHODS === #

    @api.model
    def _sync(self):
        """Close, wake up, and record alerts, and choose those that open now: SQL alone."""
        self._close_settled()
        self._wake_up()
        self._record_new()
        self._choose_due()
        self.invalidate_model(flush=False)
        return 0

    @api.model
    def _close_settled(self):
        """Close what is stalled no longer; note which activities have been done."""
        lead = self.env['crm.lead']
        # flushes what the conditions below read
        lead._get_stall_query()
        self.flush_model()
        self.env['mail.activity'].flush_model(['active'])
        self.env.cr.execute(
            SQL(
                """
                WITH settled AS (
                    SELECT alert.id, CASE
                           WHEN stay.is_won OR stay.is_left_by_winning THEN 'won'
                           WHEN stay.exit_kind IN ('advanced', 'moved_back') THEN 'moved'
                           WHEN stay.exit_kind = 'handed_over' THEN 'handed_over'
                           WHEN stay.left_at IS NOT NULL OR stay.lead_id IS NULL THEN 'ended'
                           -- what is snoozed need not have run out yet
                           WHEN alert.state = 'snoozed' THEN NULL
                           WHEN alert.clock = 'silence' AND (
                                EXISTS (
                                    SELECT FROM mail_message message
                                     WHERE message.res_id = alert.lead_id
                                       AND message.date > alert.since
                                       AND %(message_condition)s)
                                OR EXISTS (
                                    SELECT FROM calendar_event meeting
                                     WHERE meeting.opportunity_id = alert.lead_id
                                       AND meeting.start > alert.since
                                       AND %(meeting_condition)s))
                           THEN 'contacted'
                           WHEN alert.since < CASE alert.clock WHEN 'age' THEN policy.age_cutoff
                                                               ELSE policy.silence_cutoff END
                           THEN NULL
                           ELSE 'allowed'
                           END AS reason
                      FROM crm_stall_alert alert
                      JOIN crm_stage_history stay ON stay.id = alert.stay_id
                 LEFT JOIN %(policy)s AS policy ON policy.stage_id = stay.stage_id
                                               AND policy.company_id = COALESCE(stay.company_id, 0)
                     WHERE alert.state <> 'closed'
                )
                UPDATE crm_stall_alert alert
                   SET state = 'closed', closed_at = %(now)s, close_reason = settled.reason
                  FROM settled
                 WHERE alert.id = settled.id AND settled.reason IS NOT NULL
                """,
                message_condition=lead._get_contact_message_condition('message'),
                meeting_condition=lead._get_contact_meeting_condition('meeting'),
                policy=self.env['crm.stage']._get_stall_policy_query(),
                now=fields.Datetime.now(),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_stall_alert alert
                   SET state = 'acknowledged'
                  FROM mail_activity activity
                 WHERE activity.id = alert.activity_id
                   AND alert.state = 'open'
                   AND NOT activity.active
                """
            )
        )

    @api.model
    def _wake_up(self):
        """Go on with what was held back, or snoozed, until now."""
        today = fields.Date.context_today(self)
        self.env.cr.execute(
            SQL(
                "UPDATE crm_stall_alert SET state = 'waiting' WHERE state = 'held' AND held_until < %s",
                today,
            )
        )
        # recorded anew, if the clock has run out
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_stall_alert
                   SET state = 'closed', closed_at = %s, close_reason = 'allowed'
                 WHERE state = 'snoozed' AND snoozed_until <= %s
                """,
                fields.Datetime.now(),
                today,
            )
        )

    @api.model
    def _record_new(self):
        """Record an alert for each clock that has run out, unless there is one."""
        lead = self.env['crm.lead']
        unknown = SQL(
            """
            SELECT stall.* FROM (%s) AS stall
             WHERE NOT EXISTS (
                   SELECT FROM crm_stall_alert alert
                    WHERE alert.stay_id = stall.stay_id
                      AND alert.clock = stall.clock
                      AND alert.state <> 'closed')
            """,
            lead._get_stall_query(),
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_stall_alert (
                       lead_id, stay_id, clock, stage_id, user_id, team_id, company_id,
                       since, threshold_days, state, held_until)
                SELECT stall.lead_id, stall.stay_id, stall.clock, stall.stage_id, stall.user_id,
                       stall.team_id, stall.company_id, since.moment, stall.days,
                       CASE WHEN plan.day IS NULL THEN 'waiting' ELSE 'held' END, plan.day
                  FROM (%(unknown)s) AS stall
            CROSS JOIN LATERAL (%(since)s) AS since
                  JOIN %(company)s AS company ON company.id = COALESCE(stall.company_id, 0)
            CROSS JOIN LATERAL (%(plan)s) AS plan
           ON CONFLICT (stay_id, clock) DO UPDATE
                   SET state = EXCLUDED.state,
                       stage_id = EXCLUDED.stage_id,
                       user_id = EXCLUDED.user_id,
                       team_id = EXCLUDED.team_id,
                       company_id = EXCLUDED.company_id,
                       since = EXCLUDED.since,
                       threshold_days = EXCLUDED.threshold_days,
                       held_until = EXCLUDED.held_until,
                       activity_id = NULL, escalation_activity_id = NULL,
                       raised_at = NULL, digested_at = NULL, escalated_at = NULL,
                       snoozed_until = NULL, snooze_reason = NULL, snoozed_by_id = NULL,
                       closed_at = NULL, close_reason = NULL
                 WHERE crm_stall_alert.state = 'closed'
                """,
                unknown=unknown,
                since=lead._get_stall_since_query(),
                company=self._get_company_query(),
                plan=self._get_plan_query('stall'),
            )
        )

    @api.model
    def _choose_due(self):
        """Choose who is alerted, and which of the waiting alerts open now: of each person the longest
        stalled, up to the limit of open alerts.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH candidate AS (
                    SELECT alert.id, alert.since, company.open_alerts_max, manager.user_id AS manager_id,
                           CASE WHEN alert.user_id = ANY(%(salesperson_ids)s)
                                 AND (stay.company_id IS NULL OR EXISTS (
                                     SELECT FROM res_company_users_rel allowed
                                      WHERE allowed.user_id = alert.user_id
                                        AND allowed.cid = stay.company_id))
                                THEN alert.user_id ELSE manager.user_id END AS responsible_id
                      FROM crm_stall_alert alert
                      JOIN crm_stage_history stay ON stay.id = alert.stay_id
                      JOIN %(company)s AS company ON company.id = COALESCE(stay.company_id, 0)
                 LEFT JOIN crm_team team ON team.id = stay.team_id
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN team.user_id = ANY(%(manager_ids)s)
                                 AND (stay.company_id IS NULL OR EXISTS (
                                     SELECT FROM res_company_users_rel allowed
                                      WHERE allowed.user_id = team.user_id
                                        AND allowed.cid = stay.company_id))
                                THEN team.user_id ELSE company.manager_id END AS user_id
                           ) AS manager
                     WHERE alert.state = 'waiting'
                ),
                ranked AS (
                    SELECT candidate.*,
                           rank() OVER (PARTITION BY responsible_id ORDER BY since, id) AS place
                      FROM candidate
                ),
                load AS (
                    SELECT responsible_id, count(*) AS size
                      FROM crm_stall_alert
                     WHERE state IN ('due', 'open')
                  GROUP BY responsible_id
                )
                UPDATE crm_stall_alert alert
                   SET state = CASE WHEN ranked.responsible_id IS NOT NULL
                                     AND (ranked.open_alerts_max = 0 OR
                                          ranked.place + COALESCE(load.size, 0)
                                          <= ranked.open_alerts_max)
                                    THEN 'due' ELSE 'waiting' END,
                       responsible_id = ranked.responsible_id,
                       manager_id = ranked.manager_id
                  FROM ranked
             LEFT JOIN load ON load.responsible_id = ranked.responsible_id
                 WHERE alert.id = ranked.id
                """,
                salesperson_ids=self._get_user_ids('sales_team.group_sale_salesman'),
                manager_ids=self._get_user_ids('sales_team.group_sale_salesman_all_leads'),
                company=self._get_company_query(),
            )
        )

    @api.model
    def _remove_closed_activities(self):
        """Remove a batch of activities of closed and snoozed alerts, as far as nobody has done them.

        :return: Their number.
        :rtype: int
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.id
                  FROM crm_stall_alert alert
                  JOIN mail_activity activity
                    ON activity.id IN (alert.activity_id, alert.escalation_activity_id)
                 WHERE alert.state IN ('closed', 'snoozed')
                   AND (alert.activity_id IS NOT NULL OR alert.escalation_activity_id IS NOT NULL)
                   AND activity.active
                 LIMIT %s
                """,
                BATCH_SIZE,
            )
        )
        self.env['mail.activity'].browse([id_ for (id_,) in rows]).unlink()
        return len(rows)

    @api.model
    def _raise_batch(self):
        """Open a batch of due alerts: an activity each.

        :return: Their number.
        :rtype: int
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert.id, alert.lead_id, alert.clock, alert.since, alert.threshold_days,
                       alert.responsible_id
                  FROM crm_stall_alert alert
                  JOIN crm_stage_history stay ON stay.id = alert.stay_id
                 WHERE alert.state = 'due'
                   AND stay.left_at IS NULL
                   AND alert.responsible_id IS NOT NULL
              ORDER BY alert.responsible_id, alert.id
                 LIMIT %s
                   FOR UPDATE OF alert
                """,
                BATCH_SIZE,
            )
        )
        activities = self._create_activities([
            (lead_id, user_id, clock, since, days, None)
            for _id, lead_id, clock, since, days, user_id in rows
        ])
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_stall_alert alert
                       SET state = 'open', raised_at = %s, activity_id = new.activity_id
                      FROM unnest(%s, %s) AS new (id, activity_id)
                     WHERE alert.id = new.id
                    """,
                    fields.Datetime.now(),
                    [row[0] for row in rows],
                    activities.ids,
                )
            )
        return len(rows)

    @api.model
    def _escalate_batch(self):
        """Give managers a batch of activities about alerts to which nobody has reacted: the activity
        is not done, nobody has contacted the customer since, nothing is planned.

        :return: Their number.
        :rtype: int
        """
        lead = self.env['crm.lead']
        rows = self.env.execute_query(
            SQL(
                """
                SELECT alert.id, alert.lead_id, alert.clock, alert.since, alert.threshold_days,
                       alert.manager_id, alert.raised_at
                  FROM crm_stall_alert alert
                  JOIN crm_stage_history stay ON stay.id = alert.stay_id
                  JOIN %(company)s AS company ON company.id = COALESCE(stay.company_id, 0)
            CROSS JOIN LATERAL (%(plan)s) AS plan
                 WHERE alert.state = 'open'
                   AND alert.escalated_at IS NULL
                   AND stay.left_at IS NULL
                   AND alert.raised_at < company.escalation_cutoff
                   AND alert.manager_id = ANY(%(manager_ids)s)
                   AND alert.manager_id <> alert.responsible_id
                   AND plan.day IS NULL
                   AND NOT EXISTS (
                       SELECT FROM mail_activity activity
                        WHERE activity.id = alert.activity_id AND NOT activity.active)
                   AND NOT EXISTS (
                       SELECT FROM mail_message message
                        WHERE message.res_id = alert.lead_id
                          AND message.date > alert.raised_at
                          AND %(message_condition)s)
                   AND NOT EXISTS (
                       SELECT FROM calendar_event meeting
                        WHERE meeting.opportunity_id = alert.lead_id
                          AND meeting.start > alert.raised_at
                          AND %(meeting_condition)s)
              ORDER BY alert.manager_id, alert.id
                 LIMIT %(limit)s
                   FOR UPDATE OF alert
                """,
                company=self._get_company_query(),
                plan=self._get_plan_query('alert'),
                manager_ids=self._get_user_ids('sales_team.group_sale_salesman_all_leads'),
                message_condition=lead._get_contact_message_condition('message'),
                meeting_condition=lead._get_contact_meeting_condition('meeting'),
                limit=BATCH_SIZE,
            )
        )
        activities = self._create_activities([
            (lead_id, user_id, clock, since, days, raised_at)
            for _id, lead_id, clock, since, days, user_id, raised_at in rows
        ])
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_stall_alert alert
                       SET escalated_at = %s, escalation_activity_id = new.activity_id
                      FROM unnest(%s, %s) AS new (id, activity_id)
                     WHERE alert.id = new.id
                    """,
                    fields.Datetime.now(),
                    [row[0] for row in rows],
                    activities.ids,
                )
            )
        return len(rows)

    # === HELPERS === #

    @api.model
    def _create_activities(self, rows):
        """Create activities, without a mail about each: the list of activities shows them.

        :param list[tuple] rows: Of each the lead, user, clock, since when it has been running, days
            allowed, and when the salesperson was alerted if this is for the manager.
        """
        activity_type = self.env.ref('sales_funnel_mgmt.mail_activity_type_stalled')
        model_id = self.env['ir.model']._get_id('crm.lead')
        today = fields.Date.context_today(self)
        leads = self.env['crm.lead'].browse([row[0] for row in rows])
        # Odoo computes it with a query for each
        names = {lead.id: lead.display_name for lead in leads}
        contacts = leads._get_last_contacts(leads.ids)
        users = self.env['res.users'].browse({row[1] for row in rows})
        by_lang = {user.id: self.with_context(lang=user.lang) for user in users}
        values = []
        for lead_id, user_id, clock, since, days, alerted_at in rows:
            localized = by_lang[user_id]
            values.append({
                'activity_type_id': activity_type.id,
                'res_model_id': model_id,
                'res_id': lead_id,
                'res_name': names[lead_id],
                'user_id': user_id,
                'automated': True,
                'date_deadline': today,
                'summary': localized._get_activity_summary(clock, alerted_at),
                'note': localized._get_activity_note(
                    clock, since, days, alerted_at, contacts.get(lead_id)
                ),
            })
        return (
            self.env['mail.activity'].with_context(mail_activity_quick_update=True).create(values)
        )

    @api.model
    def _get_activity_summary(self, clock, alerted_at):
        if alerted_at:
            return self.env._("Stalled, and the salesperson has not reacted")
        if clock == 'age':
            return self.env._("Too long in its stage")
        return self.env._("No contact with the customer for too long")

    @api.model
    def _get_activity_note(self, clock, since, days, alerted_at, contact):
        """Return which clock has run out, how long it has been running, and what stood last."""
        sentences = [self.env['crm.lead']._get_stall_reason(clock, since, days)]
        if contact:
            moment, kind = contact
            kinds = {
                **dict(
                    self
                    .env['mail.activity.type']
                    ._fields['contact_kind']
                    ._description_selection(self.env)
                ),
                'email_in': self.env._("email from the customer"),
                'email_out': self.env._("email to the customer"),
            }
            sentences.append(
                self.env._(
                    "Last contact: %(date)s, %(kind)s.",
                    date=format_date(self.env, moment),
                    kind=kinds[kind],
                )
            )
        else:
            sentences.append(self.env._("There has been no contact yet."))
        if alerted_at:
            sentences.append(
                self.env._(
                    "The salesperson was alerted on %(date)s.",
                    date=format_date(self.env, alerted_at),
                )
            )
        else:
            sentences.append(
                self.env._(
                    "Contact the customer, move the opportunity on, mark it as lost, or snooze the "
                    "alert and say why."
                )
            )
        return Markup("<p>%s</p>") % " ".join(sentences)

    @api.model
    def _get_plan_query(self, alias):
        """Return a lateral subselect of the last `day` within the grace period for which an activity
        or a meeting is planned with `lead_id` of the alias; NULL: nothing is.
        """
        return SQL(
            """
            SELECT max(planned.day) AS day
              FROM (
                SELECT activity.date_deadline AS day
                  FROM mail_activity activity
                 WHERE activity.res_model = 'crm.lead'
                   AND activity.res_id = %(lead_id)s
                   AND activity.active
                   AND activity.activity_type_id IS DISTINCT FROM %(stalled_type_id)s
             UNION ALL
                SELECT event.start::date
                  FROM calendar_event event
                 WHERE event.opportunity_id = %(lead_id)s AND event.active
              ) AS planned
             WHERE company.grace_days > 0
               AND planned.day BETWEEN %(today)s AND %(today)s + company.grace_days
            """,
            lead_id=SQL.identifier(alias, 'lead_id'),
            stalled_type_id=self.env.ref('sales_funnel_mgmt.mail_activity_type_stalled').id,
            today=SQL("%s::date", fields.Date.context_today(self)),
        )

    @api.model
    def _get_company_query(self):
        """Return the settings by the company id of an opportunity (0: none) as a subselect: id,
        open_alerts_max, escalation_cutoff, grace_days, manager_id (where a team has none).
        """
        managers = (
            self
            .env['res.users']
            .browse(self._get_user_ids('sales_team.group_sale_salesman_all_leads'))
            .sorted('id')
        )
        administrators = self.env['res.users'].browse(
            sorted(self._get_user_ids('sales_team.group_sale_manager'))
        )
        rows = []
        for company_id, company in self.env['crm.stage']._get_stall_companies().items():
            fallback = company.stall_fallback_user_id & managers
            if not fallback:
                fallback = administrators.filtered(lambda user, c=company: c in user.company_ids)[
                    :1
                ]
            days = company.stall_escalation_days
            rows.append(
                SQL(
                    "(%s, %s, %s::timestamp, %s, %s::integer)",
                    company_id,
                    company.stall_open_alerts_max,
                    company._get_stall_cutoff(days) if days else None,
                    company.stall_grace_days,
                    fallback.id or None,
                )
            )
        return SQL(
            """(SELECT * FROM (VALUES %s) AS value (
                id, open_alerts_max, escalation_cutoff, grace_days, manager_id))""",
            SQL(", ").join(rows),
        )

    @api.model
    def _get_user_ids(self, group_xmlid):
        """Return the ids of the people in a group who can still work: active, and no technical user."""
        users = self.env.ref(group_xmlid).sudo().all_user_ids
        return users.filtered(lambda user: user.active and not user.share and user.id != 1).ids
