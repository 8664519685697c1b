"""How the changes of opportunities become stage history.

Odoo writes an opportunity by many routes; all of them end in `_flush`. There the opportunities that
have changed are compared with their last stay, in one SQL statement however many they are. The lock
that PostgreSQL holds on an opportunity from its UPDATE on keeps simultaneous transactions apart.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.orm import get_cached_values, get_changed_ids, recompute

# Of these, a stay is made or its amounts are
HISTORY_FIELDS = (
    'type',
    'active',
    'stage_id',
    'user_id',
    'team_id',
    'company_id',
    'won_status',
    'expected_revenue',
    'quota_rate',
    'quota_amount',
)
# A second change of these in a transaction is told apart from the first one
STATE_FIELDS = ('active', 'stage_id', 'user_id', 'team_id')


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    stage_history_ids = fields.One2many(
        comodel_name='crm.stage.history',
        inverse_name='lead_id',
        readonly=True,
        copy=False,
        groups='sales_team.group_sale_salesman',
        help="All stays of the opportunity: each stage it was in, with each salesperson.",
    )

    days_in_stage = fields.Float(
        string="Days in Stage",
        digits=(16, 0),
        compute='_compute_days_in_stage',
        groups='sales_team.group_sale_salesman',
        help="Days (of 24 hours) since the opportunity entered its stage, whoever held it then; until "
        "it was lost or archived, if it was.",
    )

    # === COMPUTE METHODS === #

    @api.depends('stage_id', 'user_id', 'active')
    def _compute_days_in_stage(self):
        last_stays = self.env['crm.stage.history'].search_fetch(
            [('lead_id', 'in', self._origin.ids)],
            ['lead_id', 'stage_entered_at', 'left_at'],
            order='id',
        )
        stay_by_lead = {stay.lead_id: stay for stay in last_stays}
        now = self.env.cr.now()
        for lead in self:
            stay = stay_by_lead.get(lead._origin)
            spent = (stay.left_at or now) - stay.stage_entered_at if stay else timedelta()
            lead.days_in_stage = spent / timedelta(days=1)

    # === CRUD METHODS === #

    def _begin_stage_history(self):
        """Open the first stay of opportunities that were created."""
        opportunities = self.filtered(lambda lead: lead.type == 'opportunity')
        if opportunities:
            opportunities.flush_recordset(HISTORY_FIELDS)
            self._record_stage_history(opportunities.ids, new_ids=opportunities.ids)

    def _separate_stage_changes(self, vals):
        """Keep several changes of one transaction apart, which Odoo writes as one.

        :param dict vals: Values that are about to be written.
        """
        if not vals.keys().isdisjoint(STATE_FIELDS):
            if self._is_dirty(STATE_FIELDS):
                self.flush_recordset(STATE_FIELDS)
            self.invalidate_recordset(['stage_history_ids'], flush=False)

    def _is_dirty(self, field_names):
        """Return whether the database does not know yet of a change in one of the fields. A lead that
        is being converted counts as unchanged: whoever gets it begins the first stay."""
        ids = set(self._ids) - get_changed_ids(self, ['type'])
        return not ids.isdisjoint(get_changed_ids(self, field_names))

    @api.model
    def _recompute_for_stage_history(self):
        """Compute what a stay is made of, if some of it is about to be stored: none may lag behind."""
        if get_changed_ids(self, HISTORY_FIELDS):
            recompute(self, HISTORY_FIELDS)

    @api.model
    def _get_stage_history_changes(self):
        """Return what `_record_stage_history` has to look at once it is stored.

        :return: IDs of the leads that change; of those, IDs of the leads that are converted.
        :rtype: tuple[list[int], set[int]]
        """
        # a lead becomes an opportunity, or the other way round; what is and stays a lead has no history
        converted_ids = get_changed_ids(self, ['type'])
        type_by_id = get_cached_values(self, 'type')
        changed_ids = converted_ids.union(
            id_ for id_ in get_changed_ids(self, HISTORY_FIELDS) if type_by_id.get(id_) != 'lead'
        )
        return list(changed_ids), converted_ids

    # === ACTION METHODS === #

    def action_open_stage_history(self):
        """Open the stays of the opportunity, the last one first."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'sales_funnel_mgmt.crm_stage_history_action'
        )
        return {**action, 'domain': [('lead_id', '=', self.id)]}

    # === BUSINESS METHODS === #

    @api.model
    def _record_stage_history(self, lead_ids, new_ids=()):
        """Compare opportunities, as they are in the database, with their last stays: end and begin
        stays, or bring the amounts of the open ones up to date. Does nothing where nothing differs.

        :param list[int] lead_ids: Leads to look at.
        :param list[int] new_ids: Those of them that may begin their first stay. While an opportunity
            is being created, its stage may not be known yet.
        """
        if not lead_ids:
            return
        self.env.cr.execute(self._get_stage_history_query(lead_ids, list(new_ids)))
        self._invalidate_stage_history()

    @api.model
    def _invalidate_stage_history(self):
        self.env['crm.stage.history'].invalidate_model(flush=False)
        self.invalidate_model(['stage_history_ids'], flush=False)

    @api.model
    def _get_stage_history_query(self, lead_ids, new_ids):
        """Return the statement of `_record_stage_history`.

        `step` holds what each opportunity is, beside its last stay, and how that ends, if it does.
        The parts that follow touch different rows: the open stay, closed ones, new ones; at last the
        communications since a stay began that is new, or has another team or company now: in the same
        second, or meetings to come.
        """
        return SQL(
            """
            WITH lead AS MATERIALIZED (
                SELECT l.id, l.stage_id, l.user_id, l.team_id, l.company_id, l.write_uid,
                       COALESCE(l.expected_revenue, 0) AS expected_revenue,
                       COALESCE(l.quota_rate, 0) AS quota_rate,
                       COALESCE(l.quota_amount, 0) AS quota_amount,
                       stage.sequence, COALESCE(stage.is_won, FALSE) AS is_won,
                       l.type = 'opportunity' AS is_opportunity,
                       CASE WHEN l.type <> 'opportunity' THEN 'archived'
                            WHEN l.active THEN NULL
                            WHEN l.won_status = 'lost' THEN 'lost'
                            ELSE 'archived'
                       END AS closed_as
                  FROM crm_lead l
             LEFT JOIN crm_stage stage ON stage.id = l.stage_id
                 WHERE l.id = ANY(%(lead_ids)s)
            ),
            step AS MATERIALIZED (
                SELECT lead.*,
                       last.id AS last_id, last.stage_id AS last_stage_id,
                       last.user_id AS last_user_id, last.is_won AS last_is_won,
                       last.exit_kind AS last_exit_kind, last.started_at,
                       last.stage_entered_at AS last_stage_entered_at,
                       last.left_at IS NULL AND last.id IS NOT NULL AS last_is_open,
                       GREATEST(%(now)s, COALESCE(last.left_at, last.entered_at)) AS now,
                       CASE
                       WHEN last.id IS NULL OR last.left_at IS NOT NULL
                       THEN NULL
                       WHEN lead.closed_as IS NOT NULL
                       THEN lead.closed_as
                       WHEN lead.is_won AND NOT last.is_won
                       THEN 'advanced'
                       WHEN lead.user_id IS DISTINCT FROM last.user_id
                       THEN 'handed_over'
                       WHEN last.is_won AND NOT lead.is_won
                       THEN 'moved_back'
                       WHEN lead.stage_id IS DISTINCT FROM last.stage_id
                       THEN CASE WHEN last.stage_id IS NULL
                                   OR (lead.sequence, lead.stage_id)
                                    > (last_stage.sequence, last.stage_id)
                                 THEN 'advanced' ELSE 'moved_back' END
                       END AS exit_kind,
                       -- the win is taken back
                       COALESCE(last.is_won, FALSE) AND NOT lead.is_won
                       AND lead.closed_as IS DISTINCT FROM 'archived' AS is_win_lost
                  FROM lead
     LEFT JOIN LATERAL (
                SELECT * FROM crm_stage_history stay
                 WHERE stay.lead_id = lead.id
              ORDER BY stay.id DESC
                 LIMIT 1
                       ) AS last ON TRUE
             LEFT JOIN crm_stage last_stage ON last_stage.id = last.stage_id
                 WHERE last.id IS NOT NULL OR lead.id = ANY(%(new_ids)s)
            ),
            open_stay AS (
                UPDATE crm_stage_history stay
                   SET left_at = CASE WHEN step.exit_kind IS NOT NULL THEN step.now END,
                       exit_kind = step.exit_kind,
                       left_by_id = CASE WHEN step.exit_kind IS NOT NULL THEN step.write_uid END,
                       is_win = stay.is_win AND NOT step.is_win_lost,
                       is_loss = COALESCE(step.exit_kind = 'lost', FALSE),
                       is_left_by_winning = COALESCE(
                           step.exit_kind = 'advanced' AND step.is_won AND NOT stay.is_won, FALSE),
                       -- as they were when the opportunity left
                       team_id = CASE WHEN step.exit_kind IS NULL
                                      THEN step.team_id ELSE stay.team_id END,
                       company_id = CASE WHEN step.exit_kind IS NULL
                                         THEN step.company_id ELSE stay.company_id END,
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
                        OR (stay.team_id, stay.company_id, stay.expected_revenue,
                            stay.quota_rate, stay.quota_amount)
                        IS DISTINCT FROM
                           (step.team_id, step.company_id, step.expected_revenue,
                            step.quota_rate, step.quota_amount))
             RETURNING stay.*
            ),
            -- archived first and lost then, or the other way round: it is the same exit; a loss is
            -- one no longer when the opportunity is reopened
            relabelled AS (
                UPDATE crm_stage_history stay
                   SET exit_kind = COALESCE(step.closed_as, stay.exit_kind),
                       is_loss = COALESCE(step.closed_as = 'lost', FALSE)
                  FROM step
                 WHERE stay.id = step.last_id
                   AND stay.exit_kind IN ('lost', 'archived')
                   AND (stay.exit_kind <> step.closed_as OR stay.is_loss AND step.closed_as IS NULL)
            ),
            lost_win AS (
                UPDATE crm_stage_history stay
                   SET is_win = FALSE
                  FROM step
                 WHERE stay.lead_id = step.id
                   AND stay.is_win
                   AND step.is_win_lost
                   AND (stay.id <> step.last_id
                        OR (NOT step.last_is_open AND step.closed_as IS NULL))
            ),
            new_stay AS (
            INSERT INTO crm_stage_history (
                   lead_id, lead_ref, stage_id, previous_stage_id, user_id, previous_user_id,
                   team_id, company_id, expected_revenue, quota_rate, quota_amount,
                   started_at, stage_entered_at, previous_stage_entered_at, entered_at,
                   entered_by_id, entry_kind, change_kind,
                   left_at, left_by_id, exit_kind, is_won, is_win, is_loss, is_left_by_winning)
            SELECT step.id, step.id, step.stage_id, step.last_stage_id,
                   step.user_id, step.last_user_id,
                   step.team_id, step.company_id, step.expected_revenue,
                   step.quota_rate, step.quota_amount,
                   COALESCE(step.started_at, step.now),
                   CASE WHEN is_same_visit THEN step.last_stage_entered_at ELSE step.now END,
                   CASE WHEN step.exit_kind IS NOT NULL AND NOT is_same_visit
                        THEN step.last_stage_entered_at END,
                   step.now, step.write_uid, kind,
                   CASE WHEN is_winning THEN 'won' ELSE kind END,
                   -- created as lost or archived: in and out again
                   CASE WHEN step.closed_as IS NOT NULL THEN step.now END,
                   CASE WHEN step.closed_as IS NOT NULL THEN step.write_uid END,
                   step.closed_as, step.is_won, is_winning,
                   COALESCE(step.closed_as = 'lost', FALSE), FALSE
              FROM step
         LEFT JOIN open_stay ON open_stay.id = step.last_id
        CROSS JOIN LATERAL (
                SELECT CASE WHEN step.last_id IS NULL THEN 'created'
                            ELSE COALESCE(step.exit_kind, 'reopened') END AS kind,
                       COALESCE(step.exit_kind = 'handed_over', FALSE)
                       AND step.stage_id IS NOT DISTINCT FROM step.last_stage_id AS is_same_visit,
                       step.is_won AND step.closed_as IS DISTINCT FROM 'lost'
                       AND (step.last_is_won IS NOT TRUE OR step.last_exit_kind = 'lost')
                       AS is_winning
                       ) AS entry
             WHERE CASE WHEN step.last_id IS NULL
                        THEN step.is_opportunity
                        WHEN step.last_is_open
                        THEN open_stay.id IS NOT NULL AND step.exit_kind IS NOT NULL
                             AND step.closed_as IS NULL
                        ELSE step.closed_as IS NULL END
          ORDER BY step.id
         RETURNING *
            )
            UPDATE crm_communication told
               SET user_id = CASE WHEN told.direction = 'in' THEN stay.user_id ELSE told.user_id END,
                   owner_id = stay.user_id,
                   stage_id = stay.stage_id,
                   team_id = stay.team_id,
                   company_id = stay.company_id
              FROM (
                SELECT lead_id, user_id, stage_id, team_id, company_id, entered_at FROM new_stay
             UNION ALL
                SELECT lead_id, user_id, stage_id, team_id, company_id, entered_at FROM open_stay
                 WHERE exit_kind IS NULL
                   ) AS stay
             WHERE told.lead_id = stay.lead_id
               AND told.date >= stay.entered_at
               AND (told.owner_id, told.stage_id, told.team_id, told.company_id)
                   IS DISTINCT FROM
                   (stay.user_id, stay.stage_id, stay.team_id, stay.company_id)
            """,
            lead_ids=lead_ids,
            new_ids=new_ids,
            now=fields.Datetime.now(),
        )

    def _end_stage_history(self, exit_kind):
        """End the open stays of opportunities that are about to go, and keep their names.

        :param str exit_kind: 'merged' or 'deleted'. What is merged is a duplicate: its win is none,
            nor is its loss.
        """
        if not self._ids:
            return
        self.flush_model([*HISTORY_FIELDS, 'name'])
        # The opportunity is locked before its stays, as in every other change.
        self.env.cr.execute(
            SQL(
                """
                WITH lead AS MATERIALIZED (
                    SELECT id, name FROM crm_lead WHERE id = ANY(%(lead_ids)s) FOR UPDATE
                )
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
                lead_ids=list(self._ids),
                now=fields.Datetime.now(),
                uid=self.env.uid,
                exit_kind=exit_kind,
            )
        )
        self._invalidate_stage_history()
