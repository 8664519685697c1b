"""Build the statement that records the changes of opportunities, part by part.

Other capabilities take some of the parts into their own statements. Apart from `backfill`, only these parts
write `crm_stage_history`.
"""

import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.currency import convert
from ..kinds import (
    get_closed_as,
    get_entry_kind,
    get_exit_kind,
    is_left_by_winning,
    select_state,
)


class CrmStageHistory(models.Model):
    _inherit = 'crm.stage.history'

    # === RECORDING === #

    @api.model
    def _get_recording_query(self, lead_ids, new_ids, given_dates=None):
        """Return the statement that compares opportunities with their last stays, and records the changes.

        Each part that writes has rows of its own, since PostgreSQL must not update a row twice: the
        open stay, the last stay if it is closed, the stays before it, new stays, the communications before
        the present stay, and those since it began.

        :param list[int] lead_ids: Leads to compare.
        :param list[int] new_ids: Those of them that may begin their first stay.
        :param dict given_dates: Closing dates that are written together with a win, by lead.
        :rtype: SQL
        """
        return SQL(
            """
            WITH lead AS MATERIALIZED (%(leads)s),
            step AS MATERIALIZED (%(steps)s),
            open_stay AS (%(open_stays)s),
            relabelled AS (%(relabelling)s),
            earlier AS (%(earlier_stays)s),
            new_stay AS (%(insertion)s RETURNING *),
            correction AS (%(corrections)s),
            communication_company AS (%(communication_companies)s)
            %(communications)s
            """,
            leads=self._get_recorded_leads(lead_ids, given_dates or {}),
            steps=self._get_recorded_steps(new_ids),
            open_stays=self._get_open_stay_update(),
            relabelling=self._get_closed_stay_update(),
            earlier_stays=self._get_earlier_stay_update(),
            insertion=self._insert_stays(self._get_new_stay_rows()),
            corrections=self._get_correction_insertion(),
            communication_companies=self.env['crm.communication']._get_company_update(
                SQL(
                    """
                    SELECT step.id AS lead_id, step.company_id,
                           CASE WHEN step.closed_as IS NULL AND
                                     (step.exit_kind IS NOT NULL OR NOT step.last_is_open)
                                THEN step.now
                                WHEN step.closed_as IS NULL
                                THEN step.last_entered_at
                                ELSE 'infinity' END AS until
                      FROM step WHERE step.is_company_found
                    """
                )
            ),
            communications=self.env['crm.communication']._get_stay_update(
                SQL(
                    """
                    SELECT lead_id, user_id, stage_id, team_id, company_id, entered_at FROM new_stay
                 UNION ALL
                    SELECT lead_id, user_id, stage_id, team_id, company_id, entered_at FROM open_stay
                     WHERE exit_kind IS NULL
                    """
                )
            ),
        )

    @api.model
    def _get_recorded_leads(self, lead_ids, given_dates=None):
        """Return the query of `lead`: the stored state and amounts of each lead, and how it is closed.

        A lead that is not an opportunity counts as archived.
        """
        return SQL(
            """
                SELECT l.id, state.*, l.team_id, l.company_id, l.write_uid,
                       %(date_closed)s AS date_closed,
                       COALESCE(l.expected_revenue, 0) AS expected_revenue,
                       COALESCE(l.quota_rate, 0) AS quota_rate,
                       COALESCE(l.quota_amount, 0) AS quota_amount,
                       l.type = 'opportunity' AS is_opportunity,
                       %(closed_as)s AS closed_as
                  FROM crm_lead l
             LEFT JOIN crm_stage stage ON stage.id = l.stage_id
    CROSS JOIN LATERAL (%(state)s) AS state
                 WHERE l.id = ANY(%(lead_ids)s)
            """,
            lead_ids=lead_ids,
            date_closed=SQL(
                "COALESCE((%s::jsonb ->> l.id::text)::timestamp, l.date_closed)",
                json.dumps(given_dates, default=str),
            )
            if given_dates
            else SQL("l.date_closed"),
            state=select_state('stage', SQL("l.user_id")),
            closed_as=get_closed_as(
                is_active=SQL("l.type = 'opportunity' AND l.active"),
                is_lost=SQL("l.type = 'opportunity' AND l.won_status = 'lost'"),
            ),
        )

    @api.model
    def _get_recorded_steps(self, new_ids):
        """Return the query of `step`: the rows of `lead` with their last stays, and how these end now.

        The columns of the last stay begin with `last_`. `exit_kind` is NULL if the stay goes on. Leads
        that may not begin their first stay yet are left out.
        """
        # an opportunity that gets its first company was there before
        is_elsewhere = SQL(
            """(lead.team_id IS DISTINCT FROM last.team_id
                OR last.company_id IS NOT NULL
                AND lead.company_id IS DISTINCT FROM last.company_id)"""
        )
        return SQL(
            """
                SELECT lead.*,
                       last.id AS last_id, last.stage_id AS last_stage_id,
                       last.user_id AS last_user_id, last.is_won AS last_is_won,
                       last.expected_revenue AS last_expected_revenue,
                       last.company_id AS last_company_id,
                       last.started_at, last.entered_at AS last_entered_at,
                       last.stage_entered_at AS last_stage_entered_at,
                       last.left_at IS NULL AND last.id IS NOT NULL AS last_is_open,
                       -- an imported opportunity was won or closed before it was imported
                       GREATEST(LEAST(%(now)s, CASE
                           WHEN last.id IS NULL AND (lead.is_won OR lead.closed_as IS NOT NULL)
                             OR lead.is_won AND NOT last.is_won
                                AND lead.stage_id IS DISTINCT FROM last.stage_id
                           THEN lead.date_closed
                       END), COALESCE(last.left_at, last.entered_at)) AS now,
                       CASE WHEN last.left_at IS NULL AND last.id IS NOT NULL
                             AND (lead.closed_as IS NOT NULL
                                  OR lead.is_won <> before.is_won
                                  OR lead.user_id IS DISTINCT FROM before.user_id
                                  OR lead.stage_id IS DISTINCT FROM before.stage_id
                                  OR %(is_elsewhere)s)
                            THEN %(exit_kind)s
                       END AS exit_kind,
                       -- a win can be taken back while the opportunity is archived
                       COALESCE(last.is_won, FALSE)
                       AND (NOT lead.is_won OR NOT lead.is_opportunity
                            OR lead.closed_as IS NOT DISTINCT FROM 'lost') AS is_win_lost,
                       -- an opportunity without a company gets one: its stays get it, too
                       last.id IS NOT NULL AND last.company_id IS NULL
                       AND lead.company_id IS NOT NULL AS is_company_found
                  FROM lead
     LEFT JOIN LATERAL (
                SELECT * FROM crm_stage_history stay
                 WHERE stay.lead_id = lead.id
              ORDER BY stay.id DESC
                 LIMIT 1
                       ) AS last ON TRUE
             LEFT JOIN crm_stage last_stage ON last_stage.id = last.stage_id
    CROSS JOIN LATERAL (
                -- is_won of the stay: the stage may have become, or stopped being, a won stage since
                SELECT last.stage_id, last_stage.sequence, last.is_won, last.user_id
                       ) AS before
                 WHERE last.id IS NOT NULL OR lead.id = ANY(%(new_ids)s)
            """,
            now=fields.Datetime.now(),
            new_ids=new_ids,
            is_elsewhere=is_elsewhere,
            exit_kind=get_exit_kind('before', 'lead', SQL("lead.closed_as"), is_elsewhere),
        )

    @api.model
    def _get_open_stay_update(self):
        """Return the UPDATE of the open stays: they end, or get the amounts of now.

        The statement returns the stays that it has written.
        """
        return SQL(
            """
                UPDATE crm_stage_history stay
                   SET left_at = CASE WHEN step.exit_kind IS NOT NULL THEN step.now END,
                       exit_kind = step.exit_kind,
                       left_by_id = CASE WHEN step.exit_kind IS NOT NULL THEN step.write_uid END,
                       is_win = stay.is_win AND NOT step.is_win_lost,
                       is_loss = COALESCE(step.exit_kind = 'lost', FALSE),
                       is_left_by_winning = %(is_left_by_winning)s,
                       company_id = COALESCE(stay.company_id, step.company_id),
                       -- as they were when the opportunity left
                       expected_revenue = CASE WHEN step.exit_kind IS NULL
                                               THEN step.expected_revenue
                                               ELSE stay.expected_revenue END,
                       quota_rate = CASE WHEN step.exit_kind IS NULL
                                         THEN step.quota_rate ELSE stay.quota_rate END,
                       quota_amount = CASE WHEN step.exit_kind IS NULL
                                           THEN step.quota_amount ELSE stay.quota_amount END
                  FROM step
                 WHERE stay.id = step.last_id
                   AND step.last_is_open
                   AND (step.exit_kind IS NOT NULL
                        OR (stay.company_id, stay.expected_revenue,
                            stay.quota_rate, stay.quota_amount)
                        IS DISTINCT FROM
                           (step.company_id, step.expected_revenue,
                            step.quota_rate, step.quota_amount))
             RETURNING stay.*
            """,
            is_left_by_winning=is_left_by_winning(
                SQL("step.exit_kind"), is_won=SQL("stay.is_won"), is_won_next=SQL("step.is_won")
            ),
        )

    @api.model
    def _get_closed_stay_update(self):
        """Return the UPDATE of the last stays of closed opportunities.

        An archived opportunity that is lost keeps its exit, which becomes a loss, and the other way round.
        A loss ends when the opportunity is reopened. A win ends when it is taken back.
        """
        return SQL(
            """
                UPDATE crm_stage_history stay
                   SET exit_kind = COALESCE(step.closed_as, stay.exit_kind),
                       is_win = stay.is_win AND NOT step.is_win_lost,
                       is_loss = COALESCE(step.closed_as = 'lost', FALSE),
                       company_id = COALESCE(stay.company_id, step.company_id)
                  FROM step
                 WHERE stay.id = step.last_id
                   AND stay.exit_kind IN ('lost', 'archived')
                   AND (stay.exit_kind <> step.closed_as
                        OR stay.is_loss AND step.closed_as IS NULL
                        OR stay.is_win AND step.is_win_lost
                        OR step.is_company_found)
            """
        )

    @api.model
    def _get_earlier_stay_update(self):
        """Return the UPDATE of the stays before the last one.

        Their win is taken back, or they get the company that the opportunity gets.
        """
        return SQL(
            """
                UPDATE crm_stage_history stay
                   SET is_win = stay.is_win AND NOT step.is_win_lost,
                       company_id = COALESCE(stay.company_id, step.company_id)
                  FROM step
                 WHERE stay.lead_id = step.id
                   AND (stay.is_win AND step.is_win_lost
                        OR stay.company_id IS NULL AND step.is_company_found)
                   AND (step.is_win_lost OR step.is_company_found)
                   AND stay.id <> step.last_id
            """
        )

    @api.model
    def _get_correction_insertion(self):
        """Return the INSERT of the corrections of wins: the expected revenue is another one than in
        the last stay, and the win stands. A change while the opportunity is archived counts when it
        is restored. A correction is in the currency of the win, also if the opportunity has moved to a
        company with another one."""

        def in_currency_of_win(amount, company):
            return convert(
                SQL(amount),  # pylint: disable=sql-injection
                currency=SQL("(SELECT currency_id FROM res_company WHERE id = %s)", SQL(company)),  # pylint: disable=sql-injection
                to_currency=SQL("win_company.currency_id"),
                company=SQL("win_company.id"),
                day=fields.Date.today(),
            )

        return SQL(
            """
            INSERT INTO crm_win_correction (
                   stay_id, kind, date, amount, corrected_at, corrected_by_id)
            SELECT win.id, 'amount', %(now)s, %(amount)s - %(last_amount)s, %(now)s, step.write_uid
              FROM step
              JOIN crm_stage_history win ON win.lead_id = step.id AND win.is_win
         LEFT JOIN res_company win_company ON win_company.id = win.company_id
             WHERE step.last_is_won
               AND step.is_won
               AND step.closed_as IS NULL
               AND step.expected_revenue <> step.last_expected_revenue
            """,
            amount=in_currency_of_win("step.expected_revenue", "step.company_id"),
            last_amount=in_currency_of_win("step.last_expected_revenue", "step.last_company_id"),
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_new_stay_rows(self):
        """Return the query of the new stays, as they are inserted.

        A stay begins when an opportunity is created, when `open_stay` has ended a stay, and when a closed
        opportunity is reopened. The stay of an opportunity that is created as lost or archived ends
        at once.
        """
        return SQL(
            """
            SELECT step.id, step.id, step.stage_id, step.last_stage_id,
                   step.user_id, step.last_user_id,
                   step.team_id, step.company_id, step.expected_revenue,
                   step.quota_rate, step.quota_amount,
                   COALESCE(step.started_at, step.now),
                   -- is_same_visit is NULL for the first stay
                   CASE WHEN is_same_visit IS TRUE THEN step.last_stage_entered_at ELSE step.now END,
                   CASE WHEN step.exit_kind IS NOT NULL AND is_same_visit IS NOT TRUE
                        THEN step.last_stage_entered_at END,
                   step.now, step.write_uid, kind,
                   CASE WHEN is_winning THEN 'won' ELSE kind END,
                   CASE WHEN step.closed_as IS NOT NULL THEN step.now END,
                   CASE WHEN step.closed_as IS NOT NULL THEN step.write_uid END,
                   step.closed_as, step.is_won, is_winning,
                   COALESCE(step.closed_as = 'lost', FALSE), FALSE,
                   CASE WHEN is_winning THEN step.expected_revenue END
              FROM step
         LEFT JOIN open_stay ON open_stay.id = step.last_id
        CROSS JOIN LATERAL (
                SELECT %(entry_kind)s AS kind,
                       -- the opportunity stays in its stage, with another salesperson or reopened
                       COALESCE(step.exit_kind, 'reopened') IN ('handed_over', 'reopened')
                       AND step.last_is_won = step.is_won
                       AND step.stage_id IS NOT DISTINCT FROM step.last_stage_id AS is_same_visit,
                       -- an opportunity has one win at a time
                       step.is_won AND step.closed_as IS DISTINCT FROM 'lost'
                       AND NOT EXISTS (
                           SELECT FROM crm_stage_history win
                            WHERE win.lead_id = step.id AND win.is_win) AS is_winning
                       ) AS entry
             WHERE CASE WHEN step.last_id IS NULL
                        THEN step.is_opportunity
                        WHEN step.last_is_open
                        THEN open_stay.id IS NOT NULL AND step.exit_kind IS NOT NULL
                             AND step.closed_as IS NULL
                        ELSE step.closed_as IS NULL END
          ORDER BY step.id
            """,
            entry_kind=get_entry_kind(
                is_first=SQL("step.last_id IS NULL"), exit_kind=SQL("step.exit_kind")
            ),
        )

    @api.model
    def _insert_stays(self, rows):
        """Return the INSERT of stays.

        :param SQL rows: Query of the columns below, in their order.
        """
        return SQL(
            """
            INSERT INTO crm_stage_history (
                   lead_id, lead_ref, stage_id, previous_stage_id, user_id, previous_user_id,
                   team_id, company_id, expected_revenue, quota_rate, quota_amount,
                   started_at, stage_entered_at, previous_stage_entered_at, entered_at,
                   entered_by_id, entry_kind, change_kind,
                   left_at, left_by_id, exit_kind, is_won, is_win, is_loss, is_left_by_winning,
                   won_amount)
            %s
            """,
            rows,
        )

    @api.model
    def _get_end_query(self, lead_ids, exit_kind, parts=()):
        """Return the statement that ends the open stays of opportunities, and keeps their names.

        It locks each opportunity before its stays, as every other change does.

        :param list[int] lead_ids: Opportunities.
        :param str exit_kind: 'merged' or 'deleted'. The win or loss of a merged opportunity, which was a
            duplicate, no longer counts.
        :param parts: Updates of other tables.
        :rtype: SQL
        """
        return SQL(
            """
                WITH lead AS MATERIALIZED (
                    SELECT id, name FROM crm_lead WHERE id = ANY(%(lead_ids)s) FOR UPDATE
                )
                %(parts)s
                UPDATE crm_stage_history stay
                   SET lead_name = lead.name,
                       left_at = COALESCE(left_at, GREATEST(%(now)s, entered_at)),
                       left_by_id = CASE WHEN left_at IS NULL THEN %(uid)s ELSE left_by_id END,
                       exit_kind = COALESCE(exit_kind, %(exit_kind)s),
                       is_win = is_win AND %(exit_kind)s <> 'merged',
                       is_loss = is_loss AND %(exit_kind)s <> 'merged'
                  FROM lead
                 WHERE stay.lead_id = lead.id
            """,
            lead_ids=lead_ids,
            parts=SQL().join(
                SQL(", %s AS (%s)", SQL.identifier(f'part_{number}'), part)
                for number, part in enumerate(parts)
            ),
            now=fields.Datetime.now(),
            uid=self.env.uid,
            exit_kind=exit_kind,
        )

    # === FOR OTHER CAPABILITIES === #

    @api.model
    def _get_rate_update(self, rates):
        """Return the UPDATE of the open stays for changed quota rates, as a part of a statement.

        A stay that has ended keeps its rate and amount.

        :param SQL rates: Name of another part of the statement, which updates crm_lead and returns
            `lead_id`, `quota_rate` and `quota_amount`. It locks the opportunities before their stays.
        :rtype: SQL
        """
        return SQL(
            """
                UPDATE crm_stage_history stay
                   SET quota_rate = changed.quota_rate,
                       quota_amount = changed.quota_amount
                  FROM %s AS changed
                 WHERE stay.lead_id = changed.lead_id
                   AND stay.left_at IS NULL
            """,
            rates,
        )

    @api.model
    def _link_new_salespeople(self, field_name, links):
        """Link the open stays of opportunities that have just changed salesperson to other records.

        :param str field_name: Name of the many2one field of the stays.
        :param SQL links: Query of `lead_id` and `id`, the record to link: one row for each opportunity.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_stage_history stay
                   SET %(column)s = link.id
                  FROM (%(links)s) AS link
                 WHERE stay.lead_id = link.lead_id
                   AND stay.left_at IS NULL
                   AND stay.previous_user_id IS DISTINCT FROM stay.user_id
                """,
                column=SQL.identifier(field_name),
                links=links,
            )
        )
        self.invalidate_model([field_name], flush=False)
