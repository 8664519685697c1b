"""Find stalled opportunities: too long in their stage, or too long without a contact.

The result is always as of now, for opportunities of any age. The alerts (`crm.stall.alert`) are based
on it.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..base.orm import get_changed_ids
from ..base.query_settings import query_settings
from ..base.tools import match_boolean
from ..stage_history.crm_lead import STATE_FIELDS

LONGEST_SNOOZE_DAYS = 180


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    is_stalled = fields.Boolean(
        string="Stalled",
        compute='_compute_stall',
        search='_search_is_stalled',
        compute_sudo=True,
        help="The opportunity is in its stage, or without a contact with the customer, for longer than "
        "the stage allows. Internal notes are no contact.",
    )
    stall_explanation = fields.Char(
        string="Why Stalled",
        compute='_compute_stall',
        compute_sudo=True,
        help="Which clock has run out, for how long it has been running, what the stage allows.",
    )

    # === COMPUTE METHODS === #

    @api.depends('type', 'active', 'stage_id', 'user_id', 'company_id', 'won_status')
    @api.depends_context('lang')
    def _compute_stall(self):
        reasons = defaultdict(list)
        snoozed_until = {}
        stalls = self._get_stalls(self.ids)
        spent = self._count_stall_days([(lead_id, since) for lead_id, _clock, since, *_ in stalls])
        for (lead_id, clock, _since, allowed, snoozed), days in zip(stalls, spent, strict=True):
            reasons[lead_id].append(self._get_stall_reason(clock, days, allowed))
            if snoozed:
                snoozed_until[lead_id] = max(snoozed, snoozed_until.get(lead_id, snoozed))
        for lead in self:
            sentences = reasons.get(lead.id, [])
            lead.is_stalled = bool(sentences)
            if lead.id in snoozed_until:
                sentences.append(
                    self.env._(
                        "Alerts are snoozed until %(date)s.",
                        date=format_date(self.env, snoozed_until[lead.id]),
                    )
                )
            lead.stall_explanation = " ".join(sentences)

    @api.model
    def _search_is_stalled(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return match_boolean(value, self._get_stalled_domain())

    # === CRUD METHODS === #

    def _close_ended_stall_alerts(self, vals):
        """Close the alerts about stays that a change has ended.

        The opportunities are compared with their alerts. An opportunity that was moved away and back does
        not differ: the scheduled action closes its alerts by the stage history.

        :param dict vals: Values that were written.
        """
        if vals.keys().isdisjoint(STATE_FIELDS):
            return
        # Leads have no stays and no alerts. Opportunities that were just converted have none yet.
        converted_ids = get_changed_ids(self, ['type'])
        opportunities = self.filtered(
            lambda lead: lead.type == 'opportunity' and lead.id not in converted_ids
        )
        alerts_sudo = opportunities._get_standing_stall_alerts_sudo()
        by_reason = defaultdict(alerts_sudo.browse)
        for alert in alerts_sudo:
            lead_sudo = alert.lead_id
            if not lead_sudo.active:
                by_reason['ended'] |= alert
            elif lead_sudo.stage_id != alert.stage_id:
                by_reason['won' if lead_sudo.stage_id.is_won else 'moved'] |= alert
            elif lead_sudo.user_id != alert.user_id:
                by_reason['handed_over'] |= alert
        for reason, alerts in by_reason.items():
            alerts._close(reason)

    def _close_stall_alerts_of_merged(self):
        """Close the alerts of opportunities that are merged into another one."""
        self._get_standing_stall_alerts_sudo()._close('ended')

    # === ACTION METHODS === #

    def action_snooze_stall_alerts(self):
        """Open the wizard that snoozes the alerts."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_stall_snooze_action'
            ),
            'context': {'active_model': 'crm.lead', 'active_ids': self.ids},
        }

    # === BUSINESS METHODS === #

    def _get_standing_stall_alerts_sudo(self):
        """Return the alerts of these opportunities that are not closed, in sudo mode."""
        # In sudo mode: the user who changes an opportunity may have no access to its alerts, nor to
        # the activity of the manager.
        return (
            self
            .env['crm.stall.alert']
            .sudo()
            .search([('lead_id', 'in', self.ids), ('state', '!=', 'closed')])
        )

    def _snooze_stall_alerts(self, until, reason):
        """Snooze the alerts of these opportunities, including those that would open until then.

        :param date until: Day on which the alerts resume.
        :param str reason: Reason, logged on the opportunities.
        :raise UserError: If the date or the reason is not valid.
        :raise AccessError: If the user may not write to one of the opportunities.
        """
        self.check_access('write')
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please say why the alerts are to be snoozed."))
        # The days of the companies: the alerts resume in the morning of each.
        todays = self._get_stall_todays().values()
        if not until or not all(
            today < until <= today + timedelta(days=LONGEST_SNOOZE_DAYS) for today in todays
        ):
            raise UserError(
                self.env._(
                    "Alerts can be snoozed until a day in the future, %(days)s days from now at most.",
                    days=LONGEST_SNOOZE_DAYS,
                )
            )
        # In sudo mode: users have no write access to alerts. Access to the opportunities was checked.
        self.env['crm.stall.alert'].sudo()._snooze(self, until, reason)
        # The body is plain text, which Odoo escapes.
        body = self.env._(
            "Stall alerts snoozed until %(date)s: %(reason)s",
            date=format_date(self.env, until),
            reason=reason,
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        self.invalidate_recordset(['is_stalled', 'stall_explanation'])

    def _get_stall_todays(self):
        """Return the day that it is in the company of each opportunity, by ID."""
        todays = {
            id_: company._get_sales_today()
            for id_, company in self.env['crm.stage']._get_stall_companies().items()
        }
        return {lead.id: todays[lead.company_id.id or 0] for lead in self}

    @api.model
    def _count_stalled(self, teams, groupby):
        """Return the number of stalled opportunities of sales teams that the user may see.

        :param crm.team teams: Teams whose opportunities count.
        :param list[str] groupby: Fields to group by.
        :return: Number by group. A group of several fields is a tuple.
        :rtype: dict
        """
        # PostgreSQL takes longer to compile the query than to run it.
        with query_settings(self.env, jit='off'):
            rows = self._read_group(
                Domain('team_id', 'in', teams.ids)
                & self._get_stalled_domain(SQL("stay.team_id = ANY(%s)", teams.ids)),
                groupby,
                ['__count'],
            )
        return {group[0] if len(groupby) == 1 else tuple(group): count for *group, count in rows}

    @api.model
    def _count_stall_days(self, starts):
        """Return for how many days clocks have been running, in the days of each company.

        :param list[tuple] starts: Lead ID and start of the clock.
        :return: Number of days and whether they are working days, in the order of `starts`.
        :rtype: list[tuple[int, bool]]
        """
        companies = self.env['crm.stage']._get_stall_companies()
        # In sudo mode: the company decides how days are counted, for all readers.
        leads_sudo = self.sudo().browse([lead_id for lead_id, _since in starts])
        keys = [lead.company_id.id or 0 for lead in leads_sudo]
        moments = defaultdict(set)
        for key, (_lead_id, since) in zip(keys, starts, strict=True):
            moments[key].add(since)
        spent = {key: companies[key]._count_stall_days(found) for key, found in moments.items()}
        return [
            (spent[key][since], companies[key]._has_working_stall_days())
            for key, (_lead_id, since) in zip(keys, starts, strict=True)
        ]

    @api.model
    def _get_stall_reason(self, clock, spent, allowed_days):
        """Return a sentence about the clock that has run out, in the language of the environment.

        :param tuple spent: See `_count_stall_days`.
        """
        days, are_working_days = spent
        numbers = {'days': days, 'allowed': allowed_days}
        if clock == 'age':
            return (
                self.env._(
                    "In this stage for %(days)s working days (allowed: %(allowed)s).", **numbers
                )
                if are_working_days
                else self.env._(
                    "In this stage for %(days)s days (allowed: %(allowed)s).", **numbers
                )
            )
        return (
            self.env._(
                "No contact with the customer for %(days)s working days (allowed: %(allowed)s).",
                **numbers,
            )
            if are_working_days
            else self.env._(
                "No contact with the customer for %(days)s days (allowed: %(allowed)s).", **numbers
            )
        )

    @api.model
    def _get_stalls(self, lead_ids):
        """Return the clocks of opportunities that have run out.

        :param list[int] lead_ids: Opportunities to check.
        :return: Tuples of lead ID, clock, start of the clock, allowed days, and snoozed until.
        :rtype: list[tuple]
        """
        if not lead_ids:
            return []
        query = SQL(
            """
            SELECT stall.lead_id, stall.clock, since.moment, stall.days, alert.snoozed_until
              FROM (%(stalls)s) AS stall
        CROSS JOIN LATERAL (%(since)s) AS since
         LEFT JOIN crm_stall_alert alert ON alert.stay_id = stall.stay_id
                                        AND alert.clock = stall.clock
                                        AND alert.state = 'snoozed'
          ORDER BY stall.lead_id, stall.clock
            """,
            stalls=self._get_stall_query(SQL("stay.lead_id = ANY(%s)", list(lead_ids))),
            since=self._get_stall_since_query(),
        )
        return self.env.execute_query(query)

    @api.model
    def _get_stall_query(self, condition=None):
        """Return a query of the clocks that have run out.

        Its columns are lead_id, stay_id, clock, stage_id, user_id, team_id, company_id, began_at and
        days. `began_at` is the start of the stay in the stage, or of the opportunity for the clock of
        silence. `days` is the number of allowed days.

        :param SQL condition: Condition on the open stays, with the alias `stay`.
        :rtype: SQL
        """
        open_stay = self._get_open_stay_clause(condition)
        return SQL(
            """
            SELECT stay.lead_id, stay.id AS stay_id, 'age' AS clock, stay.stage_id, stay.user_id,
                   stay.team_id, stay.company_id, stay.stage_entered_at AS began_at,
                   policy.age_days AS days
                   %(open_stay)s
               AND stay.stage_entered_at < policy.age_cutoff
         UNION ALL
            SELECT stay.lead_id, stay.id, 'silence', stay.stage_id, stay.user_id,
                   stay.team_id, stay.company_id, stay.started_at, policy.silence_days
                   %(open_stay)s
               AND %(is_silent)s
            """,
            open_stay=open_stay,
            is_silent=self._get_silence_condition(SQL("policy.silence_cutoff")),
        )

    @api.model
    def _get_stalled_domain(self, condition=None):
        """Return the domain of the opportunities with a clock that has run out.

        :param SQL condition: Condition on the open stays, with the alias `stay`.
        :rtype: Domain
        """
        query = SQL(
            "(SELECT stalled.lead_id FROM (%s) AS stalled)", self._get_stalled_stay_query(condition)
        )
        return Domain('id', 'in', query)

    @api.model
    def _get_stalled_stay_query(self, condition=None):
        """Return a query of the open stays with a clock that has run out, a row each.

        This is the one definition of *stalled*. The columns are stay_id, lead_id, and those of the
        policy: age_days, age_cutoff, silence_days and silence_cutoff.

        Most stalled opportunities are too long in their stage. Contacts are looked up for the others
        only.

        :param SQL condition: Condition on the open stays, with the alias `stay`.
        :rtype: SQL
        """
        return SQL(
            """
            SELECT stay.id AS stay_id, stay.lead_id, policy.age_days, policy.age_cutoff,
                   policy.silence_days, policy.silence_cutoff
                   %(open_stay)s
               AND stay.stage_entered_at < policy.age_cutoff
         UNION ALL
            SELECT stay.id, stay.lead_id, policy.age_days, policy.age_cutoff,
                   policy.silence_days, policy.silence_cutoff
                   %(open_stay)s
               AND (stay.stage_entered_at < policy.age_cutoff) IS NOT TRUE
               AND %(is_silent)s
            """,
            open_stay=self._get_open_stay_clause(condition),
            is_silent=self._get_silence_condition(SQL("policy.silence_cutoff")),
        )

    @api.model
    def _get_open_stay_clause(self, condition=None):
        """Return the FROM and WHERE clauses of the open stays that can stall.

        The aliases are `stay` for the stays and `policy` for the thresholds.

        :param SQL condition: Condition on the open stays.
        :rtype: SQL
        """
        self._flush_for_stall_query()
        return SQL(
            """
              FROM crm_stage_history stay
              JOIN %s AS policy ON policy.stage_id = stay.stage_id
                               AND policy.company_id = COALESCE(stay.company_id, 0)
             WHERE stay.left_at IS NULL
               AND stay.lead_id IS NOT NULL
               AND NOT stay.is_won
               AND %s
            """,
            self.env['crm.stage']._get_stall_policy_query(),
            condition or SQL("TRUE"),
        )

    @api.model
    def _get_silence_condition(self, cutoff):
        """Return the SQL condition that an open stay has had no contact with the customer since a moment.

        The opportunity must have begun before that moment. The alias of the stay is `stay`.

        :param SQL cutoff: The moment.
        :rtype: SQL
        """
        return SQL(
            """(
               stay.started_at < %(cutoff)s
               AND NOT EXISTS (
                   SELECT FROM crm_communication contact
                    WHERE contact.lead_id = stay.lead_id
                      AND contact.date >= %(cutoff)s
                      AND %(is_contact)s)
            )""",
            cutoff=cutoff,
            is_contact=self.env['crm.communication']._get_contact_condition('contact'),
        )

    @api.model
    def _flush_for_stall_query(self):
        """Flush the pending changes that the queries about stalls read, contacts too."""
        self.env['crm.communication']._update_pending()

    @api.model
    def _get_silent_since(self, lead_id=None, began_at=None):
        """Return the SQL expression of the moment since when there has been no contact.

        It is the last contact. Without a contact, it is the beginning of the opportunity.

        :param SQL lead_id: Expression of the opportunity; by default, that of a `stay`.
        :param SQL began_at: Expression of its beginning; by default, that of a `stay`.
        :rtype: SQL
        """
        return SQL(
            """GREATEST((
                SELECT max(contact.date) FROM crm_communication contact
                 WHERE contact.lead_id = %s AND %s), %s)""",
            lead_id or SQL("stay.lead_id"),
            self.env['crm.communication']._get_contact_condition('contact'),
            began_at or SQL("stay.started_at"),
        )

    @api.model
    def _get_stall_since_query(self):
        """Return a lateral subselect of the `moment` when the clock of a `stall` started to run.

        :rtype: SQL
        """
        return SQL(
            "SELECT CASE stall.clock WHEN 'age' THEN stall.began_at ELSE %s END AS moment",
            self._get_silent_since(SQL("stall.lead_id"), SQL("stall.began_at")),
        )

    @api.model
    def _get_last_contacts(self, lead_ids):
        """Return the last contact of leads. Leads without a contact are left out.

        :param list[int] lead_ids: Leads to look up.
        :return: Moment, kind and direction of the contact, by lead ID, as in `crm.communication`.
        :rtype: dict[int, tuple]
        """
        self._flush_for_stall_query()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (contact.lead_id)
                       contact.lead_id, contact.date, contact.kind, contact.direction
                  FROM crm_communication contact
                 WHERE contact.lead_id = ANY(%s) AND %s
              ORDER BY contact.lead_id, contact.date DESC, contact.id DESC
                """,
                list(lead_ids),
                self.env['crm.communication']._get_contact_condition('contact'),
            )
        )
        return {lead_id: contact for lead_id, *contact in rows}
