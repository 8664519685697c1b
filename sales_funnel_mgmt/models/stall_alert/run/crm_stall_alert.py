"""Run the scheduled action: detect stalls, create activities, escalate, and send digests.

The alerts hold the whole state. Each step finds in the database what is left to do, so that the next
run continues after an interruption. Steps over all opportunities are one SQL statement. Activities are
created by the ORM, in batches that are committed one by one.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...base.conflicts import retry_on_conflict
from ...base.exclusive_job import exclusive_job

# Number of activities that are created or deleted in one transaction
BATCH_SIZE = 500


class CrmStallAlert(models.Model):
    _inherit = 'crm.stall.alert'

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_run(self):
        """Update the alerts, step by step."""
        steps = [
            self._close_and_resume,
            self._remove_closed_activities,
            self._record,
            self._raise_batch,
            self._escalate_batch,
            self._send_next_digest,
        ]
        progress = self.env['ir.cron']._commit_progress
        while steps:
            # Another transaction may change the same records: the step is repeated.
            count = retry_on_conflict(self.env, steps[0])
            if count is None:
                progress(remaining=1)
                return
            if not count:
                steps.pop(0)
            seconds_left = progress(count, remaining=int(bool(steps)))
            self.env.invalidate_all()
            if not seconds_left:
                return

    # === BUSINESS METHODS === #

    @api.model
    def _remove_closed_activities(self):
        """Delete a batch of open activities of closed and snoozed alerts.

        :return: Number of activities.
        :rtype: int
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT activity.id
                  FROM mail_activity activity
                 WHERE activity.id IN (
                       SELECT activity_id FROM crm_stall_alert
                        WHERE state IN ('closed', 'snoozed') AND activity_id IS NOT NULL
                    UNION ALL
                       SELECT escalation_activity_id FROM crm_stall_alert
                        WHERE state IN ('closed', 'snoozed')
                          AND escalation_activity_id IS NOT NULL)
                   AND activity.active
              ORDER BY activity.id
                 LIMIT %s
                """,
                BATCH_SIZE,
            )
        )
        self.env['mail.activity'].browse([id_ for (id_,) in rows]).unlink()
        return len(rows)

    @api.model
    def _raise_batch(self):
        """Open a batch of due alerts with an activity each.

        :return: Number of alerts.
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
        return self._store_activities(
            [row[0] for row in rows],
            activities,
            SQL("state = 'open', raised_at = %s, activity_id", fields.Datetime.now()),
        )

    @api.model
    def _escalate_batch(self):
        """Escalate a batch of alerts to the managers, with an activity each.

        An alert is escalated if its activity is not done, the customer was not contacted since, and
        nothing is planned.

        :return: Number of alerts.
        :rtype: int
        """
        self.env['crm.lead']._flush_for_stall_query()
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
                       SELECT FROM crm_communication contact
                        WHERE contact.lead_id = alert.lead_id
                          AND contact.date > alert.raised_at
                          AND %(is_contact)s)
              ORDER BY alert.manager_id, alert.id
                 LIMIT %(limit)s
                   FOR UPDATE OF alert
                """,
                company=self._get_company_query(),
                plan=self._get_plan_query('alert'),
                manager_ids=self._get_user_ids('sales_team.group_sale_salesman_all_leads'),
                is_contact=self.env['crm.communication']._get_contact_condition('contact'),
                limit=BATCH_SIZE,
            )
        )
        activities = self._create_activities([
            (lead_id, user_id, clock, since, days, raised_at)
            for _id, lead_id, clock, since, days, user_id, raised_at in rows
        ])
        return self._store_activities(
            [row[0] for row in rows],
            activities,
            SQL("escalated_at = %s, escalation_activity_id", fields.Datetime.now()),
        )

    # === HELPERS === #

    @api.model
    def _create_activities(self, rows):
        """Create activities, without an email about each.

        :param list[tuple] rows: Tuples of lead ID, user ID, clock, its start, allowed days, and the
            moment when the salesperson was alerted, or None if the activity is for the salesperson.
        :rtype: mail.activity
        """
        activity_type = self.env.ref('sales_funnel_mgmt.mail_activity_type_stalled')
        model_id = self.env['ir.model']._get_id('crm.lead')
        leads = self.env['crm.lead'].browse([row[0] for row in rows])
        todays = leads._get_stall_todays()
        # Read the names in batch: Odoo computes them with a query for each activity.
        names = {lead.id: lead.display_name for lead in leads}
        contacts = leads._get_last_contacts(leads.ids)
        users = self.env['res.users'].browse({row[1] for row in rows})
        by_lang = {user.id: self.with_context(lang=user.lang) for user in users}
        spent = leads._count_stall_days([(row[0], row[3]) for row in rows])
        values = []
        for (lead_id, user_id, clock, _since, allowed, alerted_at), days in zip(
            rows, spent, strict=True
        ):
            localized = by_lang[user_id]
            values.append({
                'activity_type_id': activity_type.id,
                'res_model_id': model_id,
                'res_id': lead_id,
                'res_name': names[lead_id],
                'user_id': user_id,
                'automated': True,
                'date_deadline': todays[lead_id],
                'summary': localized._get_activity_summary(clock, alerted_at),
                'note': localized._get_activity_note(
                    clock, days, allowed, alerted_at, contacts.get(lead_id)
                ),
            })
        return (
            self.env['mail.activity'].with_context(mail_activity_quick_update=True).create(values)
        )

    @api.model
    def _store_activities(self, alert_ids, activities, assignment):
        """Store the activities of alerts in one statement.

        :param list[int] alert_ids: Alerts, in the order of their activities.
        :param mail.activity activities: The new activities.
        :param SQL assignment: Assignments of the update; the last one ends with the column to which
            the activity is assigned.
        :return: Number of alerts.
        :rtype: int
        """
        if alert_ids:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_stall_alert alert
                       SET %s = new.activity_id
                      FROM unnest(%s, %s) AS new (id, activity_id)
                     WHERE alert.id = new.id
                    """,
                    assignment,
                    alert_ids,
                    activities.ids,
                )
            )
        return len(alert_ids)

    @api.model
    def _get_activity_summary(self, clock, alerted_at):
        """Return the summary of the activity of an alert."""
        if alerted_at:
            return self.env._("Stalled, and the salesperson has not reacted")
        if clock == 'age':
            return self.env._("Too long in its stage")
        return self.env._("No contact with the customer for too long")

    @api.model
    def _get_activity_note(self, clock, days, allowed, alerted_at, contact):
        """Return the note of an activity: the clock, the last contact, and what to do."""
        sentences = [self.env['crm.lead']._get_stall_reason(clock, days, allowed)]
        if contact:
            moment, kind, direction = contact
            if kind == 'email' and direction == 'in':
                label = self.env._("email from the customer")
            elif kind == 'email':
                label = self.env._("email to the customer")
            else:
                kind_field = self.env['crm.communication']._fields['kind']
                label = dict(kind_field._description_selection(self.env))[kind]
            sentences.append(
                self.env._(
                    "Last contact: %(date)s, %(kind)s.",
                    date=format_date(self.env, moment),
                    kind=label,
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
