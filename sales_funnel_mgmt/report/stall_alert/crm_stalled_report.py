"""Report on opportunities that are in their stage, or without a contact, for longer than it allows."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.group_measures import get_ratio, get_sum
from ...models.stage_history.crm_lead import HISTORY_FIELDS

# Days in the stage ÷ median: slow from the first ratio on, stuck above the second
SLOW_RATIO, STUCK_RATIO = 1, 1.5


class CrmStalledReport(models.Model):
    """Report with one row for each stalled opportunity, whichever clock has run out.

    Opportunities of any age are included. Odoo's own search for rotting opportunities leaves out those
    that have not moved for a year.
    """

    _name = 'crm.stalled.report'
    _inherit = ['crm.stage.report.mixin', 'crm.company.day.mixin']
    _description = "Stalled Opportunities"
    _moment_field = 'stage_entered_at'
    _auto = False
    _order = 'days_over desc nulls last, id desc'
    _depends = {
        'crm.lead': HISTORY_FIELDS,
        'crm.stage': [
            'rotting_threshold_days',
            'silence_threshold_days',
            'has_stall_alerts',
            'is_won',
        ],
        'res.company': ['stall_age_days', 'stall_silence_days', 'stall_calendar'],
    }

    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity is in."
    )
    reason = fields.Selection(
        selection=[
            ('age', "Stuck in stage"),
            ('silence', "No recent contact"),
            ('both', "Stuck in stage, no recent contact"),
        ],
        string="Why",
        readonly=True,
        help="The limit that the opportunity exceeds: the days in its stage, the days without a contact "
        "with the customer, or both.",
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
        help="Days (of 24 hours) in the stage beyond those allowed; empty if the opportunity is stalled "
        "for lack of contact only. Of a group: the average.",
    )
    silent_days = fields.Float(
        string="Days without Contact",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) since the last contact with the customer, or since the opportunity began "
        "if there was none. Of a group: the average.",
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
        Lead = self.env['crm.lead']
        now = SQL("%s", self.env.cr.now())
        days = self._days_between(SQL("stay.stage_entered_at"), now)
        return SQL(
            """
            SELECT stay.id, %(stay)s, stay.stage_id, stay.stage_entered_at,
                   %(day)s AS day,
                   %(days)s AS days,
                   stalled.age_days AS threshold_days,
                   CASE WHEN %(is_old)s THEN %(days_over)s END AS days_over,
                   CASE WHEN %(is_old)s IS NOT TRUE THEN 'silence'
                        WHEN %(is_silent)s THEN 'both'
                        ELSE 'age'
                   END AS reason,
                   %(silent_days)s AS silent_days,
                   typical.days AS median_days,
                   %(days)s / NULLIF(typical.days, 0) AS ratio,
                   CASE WHEN %(days)s <= %(slow)s * typical.days THEN 'normal'
                        WHEN %(days)s <= %(stuck)s * typical.days THEN 'slow'
                        WHEN typical.days IS NOT NULL THEN 'stuck'
                   END AS severity
              FROM (%(stalled)s) AS stalled
              JOIN crm_stage_history stay ON stay.id = stalled.stay_id
         LEFT JOIN (%(typical)s) AS typical ON typical.stage_id = stay.stage_id
                   %(owner)s
            """,
            stay=self._select_stay(),
            day=self._select_day(SQL("stay.stage_entered_at")),
            owner=self._join_day(),
            days=days,
            is_old=SQL("(stay.stage_entered_at < stalled.age_cutoff)"),
            is_silent=Lead._get_silence_condition(SQL("stalled.silence_cutoff")),
            silent_days=self._days_between(Lead._get_silent_since(), now),
            slow=SLOW_RATIO,
            stuck=STUCK_RATIO,
            days_over=self._days_between(SQL("stay.stage_entered_at"), SQL("stalled.age_cutoff")),
            stalled=Lead._get_stalled_stay_query(),
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
