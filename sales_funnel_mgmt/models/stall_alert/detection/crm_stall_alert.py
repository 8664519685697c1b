"""Detect which alerts begin and end, with SQL statements over all opportunities."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.company_day import get_company_day, get_company_today


class CrmStallAlert(models.Model):
    _inherit = 'crm.stall.alert'

    # === BUSINESS METHODS === #

    @api.model
    def _close_and_resume(self):
        """Close the alerts of opportunities that are not stalled any more, and resume postponed ones.

        :return: 0, because nothing is left to do.
        :rtype: int
        """
        self._close_resolved()
        self._resume_postponed()
        self.invalidate_model(flush=False)
        return 0

    @api.model
    def _record(self):
        """Record new alerts, and choose those that open now.

        :return: 0, because nothing is left to do.
        :rtype: int
        """
        self._record_new()
        # Update the statistics of PostgreSQL: after a first run, it takes the table for empty.
        self.env.cr.execute(SQL("ANALYZE crm_stall_alert"))
        self._choose_due()
        self.invalidate_model(flush=False)
        return 0

    @api.model
    def _close_resolved(self):
        """Close alerts that have ended, and acknowledge alerts whose activity is done."""
        self.env['crm.lead']._flush_for_stall_query()
        self.env.cr.execute(
            SQL(
                """
                WITH resolved AS (
                    SELECT alert.id, CASE
                           WHEN stay.is_won OR stay.is_left_by_winning THEN 'won'
                           WHEN stay.exit_kind IN ('advanced', 'moved_back') THEN 'moved'
                           WHEN stay.exit_kind = 'handed_over' THEN 'handed_over'
                           WHEN stay.left_at IS NOT NULL OR stay.lead_id IS NULL THEN 'ended'
                           -- The clock of a snoozed alert may not have run out yet.
                           WHEN alert.state = 'snoozed' THEN NULL
                           WHEN alert.clock = 'silence' AND EXISTS (
                                SELECT FROM crm_communication contact
                                 WHERE contact.lead_id = alert.lead_id
                                   AND contact.date > alert.since
                                   AND %(is_contact)s)
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
                   SET state = 'closed', closed_at = %(now)s, close_reason = resolved.reason
                  FROM resolved
                 WHERE alert.id = resolved.id AND resolved.reason IS NOT NULL
                """,
                is_contact=self.env['crm.communication']._get_contact_condition('contact'),
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
    def _resume_postponed(self):
        """Resume alerts that were held back or snoozed until now, or left by an interrupted run."""
        today = get_company_today(self.env, SQL("company_id"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_stall_alert
                   SET state = 'waiting'
                 WHERE state = 'due' OR state = 'held' AND held_until < %s
                """,
                today,
            )
        )
        # Alerts whose clock has run out open again in `_record_new`.
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
        """Record an alert for each clock that has run out and has no open alert."""
        lead = self.env['crm.lead']
        unrecorded = SQL(
            """
            SELECT stall.* FROM (%s) AS stall
             WHERE NOT EXISTS (
                   SELECT FROM known
                    WHERE known.stay_id = stall.stay_id AND known.clock = stall.clock)
            """,
            lead._get_stall_query(),
        )
        self.env.cr.execute(
            SQL(
                """
                -- Materialized: PostgreSQL may take the table for empty, and would then scan for each
                -- row the rows that this statement has inserted.
                WITH known AS MATERIALIZED (
                    SELECT stay_id, clock FROM crm_stall_alert WHERE state <> 'closed'
                )
                INSERT INTO crm_stall_alert (
                       lead_id, stay_id, clock, stage_id, user_id, team_id, company_id,
                       since, threshold_days, state, held_until)
                SELECT stall.lead_id, stall.stay_id, stall.clock, stall.stage_id, stall.user_id,
                       stall.team_id, stall.company_id, since.moment, stall.days,
                       CASE WHEN plan.day IS NULL THEN 'waiting' ELSE 'held' END, plan.day
                  FROM (%(unrecorded)s) AS stall
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
                       -- Keep the links to activities that are still to be deleted.
                   AND NOT EXISTS (
                       SELECT FROM mail_activity activity
                        WHERE activity.id IN (crm_stall_alert.activity_id,
                                              crm_stall_alert.escalation_activity_id)
                          AND activity.active)
                """,
                unrecorded=unrecorded,
                since=lead._get_stall_since_query(),
                company=self._get_company_query(),
                plan=self._get_plan_query('stall'),
            )
        )

    @api.model
    def _choose_due(self):
        """Choose the users who are alerted, and the waiting alerts that open now.

        For each user, the opportunities that are stalled for the longest time come first, up to the
        limit of open alerts. The manager of open alerts is updated.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH candidate AS (
                    SELECT alert.id, alert.state, alert.since, company.open_alerts_max,
                           manager.user_id AS manager_id,
                           CASE WHEN alert.user_id = ANY(%(salesperson_ids)s)
                                 AND %(salesperson_has_company)s
                                THEN alert.user_id ELSE manager.user_id END AS responsible_id
                      FROM crm_stall_alert alert
                      JOIN crm_stage_history stay ON stay.id = alert.stay_id
                      JOIN %(company)s AS company ON company.id = COALESCE(stay.company_id, 0)
                 LEFT JOIN crm_team team ON team.id = stay.team_id
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN team.user_id = ANY(%(manager_ids)s)
                                 AND %(leader_has_company)s
                                THEN team.user_id ELSE company.manager_id END AS user_id
                           ) AS manager
                     WHERE alert.state IN ('waiting', 'open')
                ),
                ranked AS (
                    SELECT candidate.*,
                           rank() OVER (PARTITION BY state, responsible_id ORDER BY since, id) AS place
                      FROM candidate
                ),
                load AS (
                    SELECT responsible_id, count(*) AS size
                      FROM crm_stall_alert
                     WHERE state = 'open'
                  GROUP BY responsible_id
                ),
                choice AS (
                    SELECT ranked.*,
                           responsible_id IS NOT NULL
                           AND (open_alerts_max = 0
                                OR place + COALESCE(load.size, 0) <= open_alerts_max) AS is_due
                      FROM ranked
                 LEFT JOIN load USING (responsible_id)
                )
                UPDATE crm_stall_alert alert
                   SET manager_id = choice.manager_id,
                       -- An open alert stays with the user who has its activity.
                       responsible_id = CASE WHEN alert.state = 'waiting' THEN choice.responsible_id
                                             ELSE alert.responsible_id END,
                       state = CASE WHEN alert.state = 'waiting' AND choice.is_due
                                    THEN 'due' ELSE alert.state END
                  FROM choice
                 WHERE alert.id = choice.id
                   AND (choice.manager_id IS DISTINCT FROM alert.manager_id
                        OR alert.state = 'waiting'
                           AND (choice.is_due OR choice.responsible_id
                                                 IS DISTINCT FROM alert.responsible_id))
                """,
                salesperson_ids=self._get_user_ids('sales_team.group_sale_salesman'),
                salesperson_has_company=self._get_company_condition('alert'),
                manager_ids=self._get_user_ids('sales_team.group_sale_salesman_all_leads'),
                leader_has_company=self._get_company_condition('team'),
                company=self._get_company_query(),
            )
        )

    # === HELPERS === #

    @api.model
    def _get_company_condition(self, alias):
        """Return the SQL condition that the user of a row has access to the company of the `stay`.

        :param str alias: Alias of a row with `user_id`.
        """
        return SQL(
            """(stay.company_id IS NULL OR EXISTS (
                SELECT FROM res_company_users_rel allowed
                 WHERE allowed.user_id = %s AND allowed.cid = stay.company_id))""",
            SQL.identifier(alias, 'user_id'),
        )

    @api.model
    def _get_plan_query(self, alias):
        """Return a lateral subselect of the last planned `day` within the grace period.

        Activities and meetings of the opportunity count. The day is NULL if nothing is planned.

        :param str alias: Alias of the table with the `lead_id`.
        :rtype: SQL
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
                SELECT CASE WHEN event.allday THEN event.start_date ELSE %(start_day)s END
                  FROM calendar_event event
                 WHERE event.opportunity_id = %(lead_id)s AND event.active
              ) AS planned
             WHERE company.grace_days > 0
               AND planned.day BETWEEN %(today)s AND %(today)s + company.grace_days
            """,
            lead_id=SQL.identifier(alias, 'lead_id'),
            stalled_type_id=self.env.ref('sales_funnel_mgmt.mail_activity_type_stalled').id,
            start_day=get_company_day(self.env, SQL("event.start"), SQL("company.id")),
            today=get_company_today(self.env, SQL("company.id")),
        )

    @api.model
    def _get_company_query(self):
        """Return a subselect of the settings by the company ID of an opportunity, or 0.

        Its columns are id, open_alerts_max, escalation_cutoff, grace_days, and manager_id, the manager
        of opportunities whose team has none.

        :rtype: SQL
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
        """Return the IDs of the active internal users in a group, without the superuser."""
        users = self.env.ref(group_xmlid).sudo().all_user_ids
        return users.filtered(lambda user: user.active and not user.share and user.id != 1).ids
