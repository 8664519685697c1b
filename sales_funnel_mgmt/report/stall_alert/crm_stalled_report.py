"""Report on opportunities that are in their stage for longer than it allows."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.group_measures import get_ratio, get_sum
from ...models.stage_history.crm_lead import HISTORY_FIELDS

# Days in the stage ÷ median: slow from the first ratio on, stuck above the second
SLOW_RATIO, STUCK_RATIO = 1, 1.5


class CrmStalledReport(models.Model):
    """Report with one row for each open opportunity that is too long in its stage.

    Opportunities of any age are included. Odoo's own search for rotting opportunities leaves out those
    that have not moved for a year.
    """

    _name = 'crm.stalled.report'
    _inherit = ['crm.stage.report.mixin', 'crm.company.day.mixin']
    _description = "Stalled Opportunities"
    _moment_field = 'stage_entered_at'
    _auto = False
    _order = 'days_over desc, id desc'
    _depends = {
        'crm.lead': HISTORY_FIELDS,
        'crm.stage': ['rotting_threshold_days', 'has_stall_alerts', 'is_won'],
        'res.company': ['stall_age_days', 'stall_calendar'],
    }

    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity is in."
    )
    stage_entered_at = fields.Datetime(
        string="In Stage Since",
        readonly=True,
        help="When the opportunity entered the stage, with any salesperson.",
    )
    days = fields.Float(
        string="Days in Stage",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) since the opportunity entered the stage. Of a group: the average.",
    )
    threshold_days = fields.Integer(
        string="Days Allowed",
        readonly=True,
        aggregator='avg',
        help="Days that an opportunity may be in this stage: “Days to rot” of the stage, or the "
        "company's setting where it has none.",
    )
    days_over = fields.Float(
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) beyond those allowed. Of a group: the average.",
    )
    median_days = fields.Float(
        string="Typical Days",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Median of the days that won opportunities have spent in this stage, all their stays "
        "there taken together. Empty if none was won from here yet.",
    )
    ratio = fields.Float(
        string="× Typical",
        digits=(16, 2),
        readonly=True,
        aggregator='avg',
        help="Days in the stage ÷ typical days. Of a group: sum ÷ sum.",
    )
    severity = fields.Selection(
        selection=[
            ('normal', "Normal (up to 1 ×)"),
            ('slow', "Slow (1 to 1.5 ×)"),
            ('stuck', "Stuck (over 1.5 ×)"),
        ],
        readonly=True,
        help="How long the opportunity takes, compared with the typical days of won opportunities. "
        "Empty if no opportunity was won from this stage yet.",
    )

    @property
    def _table_query(self):
        days = self._days_between(SQL("stay.stage_entered_at"), SQL("%s", self.env.cr.now()))
        return SQL(
            """
            SELECT stay.id, %(stay)s, stay.stage_id, stay.stage_entered_at,
                   %(day)s AS day,
                   %(days)s AS days,
                   policy.age_days AS threshold_days,
                   %(days_over)s AS days_over,
                   typical.days AS median_days,
                   %(days)s / NULLIF(typical.days, 0) AS ratio,
                   CASE WHEN %(days)s <= %(slow)s * typical.days THEN 'normal'
                        WHEN %(days)s <= %(stuck)s * typical.days THEN 'slow'
                        WHEN typical.days IS NOT NULL THEN 'stuck'
                   END AS severity
              FROM crm_stage_history stay
              JOIN %(policy)s AS policy ON policy.stage_id = stay.stage_id
                                       AND policy.company_id = COALESCE(stay.company_id, 0)
         LEFT JOIN (%(typical)s) AS typical ON typical.stage_id = stay.stage_id
                   %(owner)s
             WHERE stay.left_at IS NULL
               AND NOT stay.is_won
               AND stay.stage_entered_at < policy.age_cutoff
            """,
            stay=self._select_stay(),
            day=self._select_day(SQL("stay.stage_entered_at")),
            owner=self._join_day(),
            days=days,
            slow=SLOW_RATIO,
            stuck=STUCK_RATIO,
            days_over=self._days_between(SQL("stay.stage_entered_at"), SQL("policy.age_cutoff")),
            policy=self.env['crm.stage']._get_stall_policy_query(),
            typical=self._query_typical_days(),
        )

    @api.model
    def _query_typical_days(self):
        """Return a query of the median days of won opportunities by stage: stage_id, days.

        PostgreSQL skips it if a query does not read its columns.
        """
        return SQL(
            """
            SELECT stage_id, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY days) AS days
              FROM (
                SELECT past.lead_ref, past.stage_id, SUM(%(days)s) AS days
                  FROM crm_stage_history past
                  JOIN crm_stage_history win ON win.lead_ref = past.lead_ref AND win.is_win
                 WHERE past.left_at IS NOT NULL AND NOT past.is_won
              GROUP BY past.lead_ref, past.stage_id
                   ) AS spent
          GROUP BY stage_id
            """,
            days=self._days_between(SQL("past.entered_at"), SQL("past.left_at")),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Override to compute the ratio of a group from its sums, not as an average of ratios."""
        if aggregate_spec == 'ratio:avg':
            median = self._field_to_sql(self._table, 'median_days', query)
            return get_ratio(
                SQL("%s FILTER (WHERE %s IS NOT NULL)", get_sum(self, 'days', query), median),
                get_sum(self, 'median_days', query),
            )
        return super()._read_group_select(aggregate_spec, query)
