"""Report on the mode *cohort* of the funnel: the stages that the opportunities of a period have reached."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.group_measures import get_distinct_sum
from ...models.base.group_scope import get_groups, get_scope_fields, note_domain, note_group
from ...models.base.orm import get_amount_at_joined_rates
from ...models.base.report_period import PeriodQuery
from ...models.base.tools import get_currency_of
from ...models.stage_history.kinds import is_beginning

# outcomes of the opportunities that reached no further stage
OUTCOMES = ('won', 'lost', 'still_open')
# Fields that differ between the rows of an opportunity
STAGE_FIELDS = frozenset(('stage_id', 'furthest', 'stalled', 'stage_days', *OUTCOMES))
AMOUNTS = ('expected_revenue', 'quota_amount')


def _number(string, text):
    return fields.Integer(string=string, readonly=True, help=text)


class CrmFunnelCohortReport(models.Model):
    """The stages that the opportunities created in a period have reached until today.

    There is one row for each opportunity and reached stage: the furthest stage that the opportunity
    has been in, and all earlier stages of its sales team, even skipped ones. A won stage is reached
    if the win still stands. Opportunities merged into another were duplicates and are left out. The
    context sets the period, see `period_dates`.

    reached = reached the next stage + won, lost, open and otherwise closed with this stage as furthest
    """

    _name = 'crm.funnel.cohort.report'
    _inherit = ['crm.stage.report.mixin', 'crm.company.day.mixin', 'crm.funnel.mode']
    _description = "Funnel Cohort"
    _moment_field = 'entered_at'
    _auto = False
    _order = 'entered_at desc, id desc'
    _depends = {
        'crm.stage': [
            'sequence',
            'team_ids',
            'is_won',
            'rotting_threshold_days',
            'has_stall_alerts',
        ],
        'res.company': ['stall_age_days', 'stall_calendar'],
    }
    _funnel_kinds = ('stalled', *OUTCOMES)

    user_id = fields.Many2one(help="Who held the opportunity when it began.")
    team_id = fields.Many2one(help="Sales team of the opportunity in its first stage.")
    company_id = fields.Many2one(help="Company of the opportunity in its first stage.")
    expected_revenue = fields.Monetary(
        help="Expected revenue, as it was at the end, or is now. An opportunity counts once in each "
        "group and once in the total.",
    )
    quota_amount = fields.Monetary(
        help="Quota amount, as it was at the end, or is now. An opportunity counts once in each group "
        "and once in the total.",
    )
    entered_at = fields.Datetime(
        string="Began",
        readonly=True,
        help="When the opportunity began: it was created, or converted from a lead.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        string="Stage Reached",
        readonly=True,
        help="Stage that the opportunity has reached or passed; empty if none of its stages exists "
        "any more.",
    )
    furthest = _number("Furthest", "Opportunities that came to this stage, and to no later one.")
    won = _number("Won", "Opportunities that were won, of those that came no further.")
    lost = _number("Lost", "Opportunities that were lost, of those that came no further.")
    still_open = _number("Open", "Opportunities that are open, of those that came no further.")
    stalled = _number("Stalled", "Opportunities that are in this stage now, and stalled.")
    stage_days = fields.Float(
        string="Days in Stage (Median)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="All the days (of 24 hours) that the opportunity has spent in the stage; only of opportunities "
        "that have left it. Of a group: the median.",
    )

    @property
    def _table_query(self):
        period = PeriodQuery(self.env, 'stay')
        return SQL(
            """
            SELECT stay.id::int8 * 1000000 + COALESCE(stage.id, 0) AS id,
                   stay.lead_id, stay.lead_ref, %(customer_ref)s AS customer_ref,
                   stay.user_id, stay.team_id, stay.company_id,
                   %(currency_id)s AS currency_id,
                   path.expected_revenue, path.quota_amount, stay.entered_at,
                   %(day)s AS day,
                   stage.id AS stage_id,
                   is_furthest::int AS furthest,
                   (is_furthest AND path.is_win)::int AS won,
                   (is_furthest AND path.is_loss AND NOT path.is_win)::int AS lost,
                   (is_furthest AND path.is_open)::int AS still_open,
                   (EXISTS (SELECT FROM (%(stalled)s) AS stalled
                             WHERE stalled.lead_id = stay.lead_id
                               AND stalled.stage_id = stage.id))::int AS stalled,
                   (SELECT CASE WHEN NOT BOOL_OR(past.left_at IS NULL) THEN SUM(%(days)s) END
                      FROM crm_stage_history past
                     WHERE past.lead_id = stay.lead_id
                       AND past.stage_id = stage.id
                       AND NOT past.is_won) AS stage_days
              FROM crm_stage_history stay
                   %(owner)s
        CROSS JOIN LATERAL (
                -- the furthest stage, and the outcome; unknown stages do not count
                SELECT MAX(ARRAY[been.sequence, been.id])
                           FILTER (WHERE been.id IS NOT NULL AND NOT past.is_won) AS open_at,
                       MAX(ARRAY[been.sequence, been.id])
                           FILTER (WHERE been.id IS NOT NULL AND past.is_won) AS won_at,
                       ARRAY_AGG(been.id) AS stage_ids,
                       BOOL_OR(past.is_win) AS is_win,
                       BOOL_OR(past.is_loss) AS is_loss,
                       BOOL_OR(past.left_at IS NULL AND NOT past.is_won) AS is_open,
                       BOOL_OR(past.exit_kind = 'merged') AS is_merged,
                       (ARRAY_AGG(past.expected_revenue ORDER BY past.id DESC))[1]
                           AS expected_revenue,
                       (ARRAY_AGG(past.quota_amount ORDER BY past.id DESC))[1] AS quota_amount
                  FROM (
                    SELECT * FROM crm_stage_history WHERE lead_id = stay.lead_id
                     UNION ALL
                    SELECT * FROM crm_stage_history
                     WHERE lead_id IS NULL AND lead_ref = stay.lead_ref AND stay.lead_id IS NULL
                       ) AS past
             LEFT JOIN crm_stage been ON been.id = past.stage_id
                   ) AS path
        CROSS JOIN LATERAL (
                SELECT CASE WHEN path.is_win THEN GREATEST(path.open_at, path.won_at)
                            ELSE path.open_at END AS at
                   ) AS reached
         LEFT JOIN crm_stage stage
                ON ARRAY[stage.sequence, stage.id] <= reached.at
               -- an open stage may have become a won stage since
               AND (path.is_win OR stage.is_won IS NOT TRUE
                    OR ARRAY[stage.sequence, stage.id] = reached.at)
               AND (stage.id = ANY(path.stage_ids) OR %(is_of_team)s)
        CROSS JOIN LATERAL (
                SELECT reached.at IS NULL OR reached.at = ARRAY[stage.sequence, stage.id] AS is_furthest
                   ) AS place
             WHERE stay.entered_at >= %(earliest)s
               AND stay.entered_at < %(latest)s
               AND %(is_within)s
               AND stay.previous_stage_entered_at IS NULL
               AND %(is_beginning)s
               AND path.is_merged IS NOT TRUE
            """,
            customer_ref=self._select_customer(),
            currency_id=get_currency_of(self.env, SQL("stay.company_id")),
            stalled=self.env['crm.stalled.report']._table_query,
            days=self._days_between(SQL("past.entered_at"), SQL("past.left_at")),
            is_of_team=self._get_stage_of_team_condition('stage'),
            is_beginning=is_beginning('stay'),
            owner=period.join,
            day=self._select_day(SQL("stay.entered_at")),
            earliest=period.earliest,
            latest=period.latest,
            is_within=SQL(
                "stay.entered_at >= %s AND stay.entered_at < %s", period.begin, period.end
            )
            if period.has_zones
            else SQL("TRUE"),
        )

    # === SUMS === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to remember which rows of an opportunity are read."""
        query = super()._search(domain, *args, **kwargs)
        note_domain(query, domain)
        return query

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Override to remember whether a group is of one stage."""
        term = super()._read_group_groupby(alias, groupby_spec, query)
        if alias == self._table:
            note_group(query, groupby_spec, term)
        return term

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to add the amount of an opportunity once, however many stages the group has."""
        name, _colon, function = aggregate_spec.partition(':')
        total = super()._read_group_select(aggregate_spec, query)
        if name not in AMOUNTS or function not in ('sum', 'sum_currency'):
            return total
        groups = get_groups(query)
        fields_read = {
            spec.partition('.')[0].partition(':')[0] for spec in set(groups) - {'stage_id'}
        }
        if not STAGE_FIELDS.isdisjoint(fields_read | get_scope_fields(query)):
            amount = (
                get_amount_at_joined_rates(self, name, query)
                if function == 'sum_currency'
                else self._field_to_sql(self._table, name, query)
            )
            return get_distinct_sum(self._field_to_sql(self._table, 'lead_ref', query), amount)
        # All the stages of each opportunity, one of which is its furthest: this is faster.
        once = SQL(
            "%s FILTER (WHERE %s = 1)", total, self._field_to_sql(self._table, 'furthest', query)
        )
        if 'stage_id' not in groups:
            return once
        return SQL(
            "CASE WHEN GROUPING(%s) = 1 THEN %s ELSE %s END", groups['stage_id'], once, total
        )

    # === BUSINESS METHODS === #

    @api.model
    def _get_funnel_texts(self):
        return (
            self.env._("Cohort"),
            self.env._(
                "Opportunities that began in the period, counted in every stage that they have "
                "reached until today or passed. A lost opportunity counts up to its furthest stage. "
                "Percentage: reached ÷ reached the stage before. Days: median of the opportunities that "
                "left the stage."
            ),
        )

    @api.model
    def _get_funnel_cells(self, domain, split):
        cells = {}
        for key, (
            count,
            customers,
            days,
            stalled,
            furthest,
            *outcomes,
            revenue,
            quota,
        ) in self._read_funnel_cells(
            domain,
            split,
            [
                '__count',
                'customer_ref:count_distinct',
                'stage_days:avg',
                'stalled:sum',
                'furthest:sum',
                *(f'{name}:sum' for name in OUTCOMES),
            ],
            ['expected_revenue', 'quota_amount'],
        ):
            cells[key] = {
                'count': count,
                'opportunities': count,
                'customers': customers,
                'expected_revenue': revenue,
                'quota_amount': quota,
                'days': days,
                'stalled': stalled,
                'flows': {
                    **dict(zip(OUTCOMES, outcomes, strict=True)),
                    'other': furthest - sum(outcomes),
                },
            }
        self._count_funnel_previous(cells, self._with_previous_period(), domain, split)
        return cells

    @api.model
    def _get_funnel_records(self, leads, stays, kind):
        return 'crm_funnel_cohort_report_action', stays & (
            Domain(kind, '=', 1) if kind else Domain.TRUE
        )
