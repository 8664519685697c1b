"""Rebuild the history of the past from the changes that Odoo has tracked in the chatter.

SQL statements work on temporary tables, since a million opportunities must not pass through the ORM.
`past_moves` collects the changes and drops those that cannot be true. This file turns them into stays:
each method returns one part of the statement.
"""

from odoo import api, models
from odoo.tools import SQL

from ...base.query_settings import query_settings
from ...base.tools import bulk_insertion
from ...quota_rate.amount import get_quota_amount_sql
from ..kinds import (
    get_closed_as,
    get_entry_kind,
    get_exit_kind,
    is_left_by_winning,
    select_state,
)


class CrmStageHistory(models.Model):
    _inherit = 'crm.stage.history'

    @api.model
    def _rebuild(self):
        """Rebuild the stays of all opportunities without a stay.

        Their entry kind is 'backfilled'. The amounts of the past are unknown: a past stay gets today's
        expected revenue, and today's rate of its stage.

        :return: Number of stays.
        :rtype: int
        """
        self.env.flush_all()
        # The statements sort millions of rows.
        with query_settings(self.env, work_mem='64MB'):
            self._rebuild_collect_leads()
            self._rebuild_collect_moves()
            self._rebuild_mark_losses()
            self._rebuild_add_untracked_moves()
            self._rebuild_drop_broken_moves()
            with bulk_insertion(self):
                self.env.cr.execute(self._get_rebuild_query())
                count = self.env.cr.rowcount
        self.env.cr.execute(SQL("ANALYZE crm_stage_history"))
        self.env.cr.execute(SQL("DROP TABLE sfm_lead, sfm_move"))
        self.env['crm.lead']._invalidate_stage_history()
        return count

    @api.model
    def _get_rebuild_query(self):
        """Return the INSERT of the stays.

        The changes of stage, salesperson and active are put together to states of an opportunity. A
        state begins at `at`; `ord` orders the states of one second.
        """
        return SQL(
            """
            WITH first AS (%(first)s),
            change AS (%(changes)s),
            state AS (%(states)s),
            period AS (%(periods)s),
            stay AS (%(stays)s),
            visit AS (%(visits)s)
            %(insertion)s
            """,
            first=self._get_first_values(),
            changes=self._get_change_rows(),
            states=self._get_state_rows(),
            periods=self._get_period_rows(),
            stays=self._get_rebuilt_stays(),
            visits=self._get_rebuilt_visits(),
            insertion=self._insert_stays(self._get_rebuilt_rows()),
        )

    @api.model
    def _get_first_values(self):
        """Return the query of `first`: the values of an opportunity before their first changes.

        A value is NULL if it has never changed.
        """
        return SQL(
            """
                SELECT lead_id,
                       (array_agg(old ORDER BY at, ord, id) FILTER (WHERE field = 's'))[1] AS stage,
                       (array_agg(old ORDER BY at, ord, id) FILTER (WHERE field = 'u'))[1] AS owner,
                       (array_agg(old ORDER BY at, ord, id) FILTER (WHERE field = 'a'))[1] AS active
                  FROM sfm_move
              GROUP BY lead_id
            """
        )

    @api.model
    def _get_change_rows(self):
        """Return the query of `change`: the first values of each opportunity, then a row a message.

        A value is NULL if the message did not change it.
        """
        return SQL(
            """
                SELECT id AS lead_id, '-infinity'::timestamp AS at, 0 AS ord,
                       COALESCE(first.stage, lead.stage) AS stage,
                       COALESCE(first.owner, lead.owner) AS owner,
                       COALESCE(first.active, lead.active) AS active,
                       FALSE AS is_lost, NULL::int AS uid
                  FROM sfm_lead lead
             LEFT JOIN first ON first.lead_id = lead.id
             UNION ALL
                SELECT lead_id, at, ord,
                       MAX(new) FILTER (WHERE field = 's'), MAX(new) FILTER (WHERE field = 'u'),
                       MAX(new) FILTER (WHERE field = 'a'), BOOL_OR(is_lost), MAX(uid)
                  FROM sfm_move
              GROUP BY lead_id, at, ord
            """
        )

    @api.model
    def _get_state_rows(self):
        """Return the query of `state`: the rows of `change`, filled with the values before."""
        return SQL(
            """
                SELECT lead_id, at, ord, is_lost, uid,
                       stages[cardinality(stages)] AS stage, owners[cardinality(owners)] AS owner,
                       actives[cardinality(actives)] = 1 AS active
                  FROM (
                    SELECT lead_id, at, ord, is_lost, uid,
                           array_agg(stage) FILTER (WHERE stage IS NOT NULL) OVER changes AS stages,
                           array_agg(owner) FILTER (WHERE owner IS NOT NULL) OVER changes AS owners,
                           array_agg(active) FILTER (WHERE active IS NOT NULL) OVER changes
                           AS actives
                      FROM change
                    WINDOW changes AS (PARTITION BY lead_id ORDER BY at, ord)
                       ) AS filled
            """
        )

    @api.model
    def _get_period_rows(self):
        """Return the query of `period`: the rows of `state`, with those of the next state.

        The columns of the next state begin with `next_`. No period begins before the opportunity.
        """
        return SQL(
            """
                SELECT s.*, lead.started_at, GREATEST(s.at, lead.started_at) AS entered_at,
                       LEAD(s.at) OVER states AS next_at,
                       LEAD(s.active) OVER states AS next_active,
                       LEAD(s.stage) OVER states AS next_stage,
                       LEAD(s.owner) OVER states AS next_owner,
                       LEAD(s.is_lost) OVER states AS next_is_lost,
                       LEAD(s.uid) OVER states AS next_uid
                  FROM state s
                  JOIN sfm_lead lead ON lead.id = s.lead_id
                WINDOW states AS (PARTITION BY s.lead_id ORDER BY s.at, s.ord)
            """
        )

    @api.model
    def _get_rebuilt_stays(self):
        """Return the query of `stay`: the periods in which the opportunity was open, and their end.

        The columns of the stay before begin with `previous_`.
        """
        return SQL(
            """
                SELECT period.*,
                       before.is_won,
                       LAG(period.stage) OVER stays AS previous_stage,
                       LAG(period.owner) OVER stays AS previous_owner,
                       COALESCE(LAG(before.is_won) OVER stays, FALSE) AS previous_is_won,
                       LAG(period.at) OVER stays IS NULL AS is_first,
                       -- FALSE: the opportunity was lost or archived before this stay
                       COALESCE(LAG(period.next_active) OVER stays, FALSE) AS is_continued,
                       -- also if it was lost or archived in between
                       COALESCE(LAG(period.stage) OVER stays = period.stage, FALSE)
                       AS is_same_stage,
                       LEAD(period.at) OVER stays IS NULL AS is_last,
                       BOOL_AND(before.is_won) OVER (
                           PARTITION BY lead_id ORDER BY at, ord
                           ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS is_won_since,
                       CASE WHEN next_at IS NOT NULL THEN %(exit_kind)s END AS exit_kind,
                       after.is_won AS next_is_won
                  FROM period
             LEFT JOIN crm_stage stage ON stage.id = period.stage
             LEFT JOIN crm_stage next ON next.id = period.next_stage
    CROSS JOIN LATERAL (%(before)s) AS before
    CROSS JOIN LATERAL (%(after)s) AS after
                 WHERE period.active
                   AND (next_at IS NULL OR next_at >= started_at)
                WINDOW stays AS (PARTITION BY lead_id ORDER BY at, ord)
            """,
            before=select_state('stage', SQL("period.owner")),
            after=select_state('next', SQL("period.next_owner")),
            exit_kind=get_exit_kind(
                'before',
                'after',
                get_closed_as(SQL("next_active"), SQL("next_is_lost")),
                # the chatter does not tell the team and the company
                is_elsewhere=SQL("after.stage_id IS NOT DISTINCT FROM before.stage_id"),
            ),
        )

    @api.model
    def _get_rebuilt_visits(self):
        """Return the query of `visit`: the rows of `stay`, with the entry into the stage.

        The entry stays the same when only the salesperson changes.
        """
        return SQL(
            """
                SELECT *,
                       MAX(CASE WHEN is_same_stage THEN NULL ELSE entered_at END) OVER (
                           PARTITION BY lead_id ORDER BY at, ord) AS stage_entered_at
                  FROM stay
            """
        )

    @api.model
    def _get_rebuilt_rows(self):
        """Return the query of the stays as they are inserted, with their amounts.

        Stages and users that have been deleted since are NULL.
        """
        return SQL(
            """
            SELECT lead.id, lead.id, stage.id, previous_stage.id, owner.id, previous_owner.id,
                   lead.team_id, lead.company_id, COALESCE(lead.expected_revenue, 0),
                   rate.rate,
                   %(quota_amount)s,
                   started_at, stage_entered_at,
                   CASE WHEN is_continued AND NOT is_same_stage
                        THEN LAG(stage_entered_at) OVER stays END,
                   entered_at, entered_by.id, 'backfilled',
                   CASE WHEN stay.is_won AND NOT previous_is_won THEN 'won'
                        ELSE %(entry_kind)s END,
                   CASE WHEN next_at IS NOT NULL THEN GREATEST(next_at, started_at) END,
                   CASE WHEN next_at IS NOT NULL THEN left_by.id END,
                   outcome.exit_kind,
                   stay.is_won,
                   stay.is_won AND NOT previous_is_won AND is_won_since,
                   COALESCE(is_last AND outcome.exit_kind = 'lost', FALSE),
                   %(is_left_by_winning)s,
                   CASE WHEN stay.is_won AND NOT previous_is_won AND is_won_since
                        THEN COALESCE(lead.expected_revenue, 0) END
              FROM visit AS stay
              JOIN crm_lead lead ON lead.id = stay.lead_id
         LEFT JOIN crm_stage stage ON stage.id = stay.stage
         LEFT JOIN crm_stage previous_stage ON previous_stage.id = stay.previous_stage
         LEFT JOIN res_users owner ON owner.id = stay.owner
         LEFT JOIN res_users previous_owner ON previous_owner.id = stay.previous_owner
         LEFT JOIN res_users entered_by ON entered_by.id = stay.uid
         LEFT JOIN res_users left_by ON left_by.id = stay.next_uid
         LEFT JOIN res_company company ON company.id = lead.company_id
              JOIN res_currency currency
                ON currency.id = COALESCE(company.currency_id, %(currency_id)s)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN next_at IS NULL THEN COALESCE(lead.quota_rate, 0)
                        ELSE COALESCE(stage.quota_rate, 0) END AS rate
                   ) AS rate
        CROSS JOIN LATERAL (
            -- the opportunity itself says how its last stay ended
            SELECT CASE WHEN is_last AND stay.exit_kind IN ('lost', 'archived') AND NOT lead.active
                        THEN %(closed_as)s
                        ELSE stay.exit_kind END AS exit_kind
                   ) AS outcome
            WINDOW stays AS (PARTITION BY stay.lead_id ORDER BY at, ord)
          ORDER BY stay.lead_id, at, ord
            """,
            quota_amount=get_quota_amount_sql(
                SQL("lead.expected_revenue"), SQL("rate.rate"), SQL("currency.rounding")
            ),
            currency_id=self.env.company.currency_id.id,
            closed_as=get_closed_as(SQL("lead.active"), SQL("lead.won_status = 'lost'")),
            entry_kind=get_entry_kind(
                SQL("is_first"),
                SQL("CASE WHEN is_continued THEN LAG(stay.exit_kind) OVER stays END"),
            ),
            is_left_by_winning=is_left_by_winning(
                SQL("stay.exit_kind"), is_won=SQL("stay.is_won"), is_won_next=SQL("next_is_won")
            ),
        )
