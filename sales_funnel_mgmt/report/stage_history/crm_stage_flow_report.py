"""Report on the opportunities that entered and left the stages in a period."""

from odoo import fields, models
from odoo.tools import SQL

from ...models.base.report_period import PeriodQuery
from ...models.stage_history.crm_lead import HISTORY_FIELDS
from ...models.stage_history.movements import MOVEMENTS


def _number(string, text):
    return fields.Integer(string=string, readonly=True, help=text)


def _amount(string, text):
    return fields.Monetary(
        string=string,
        readonly=True,
        help=f"Expected revenue of these opportunities. {text}",
    )


class CrmStageFlowReport(models.Model):
    """Report with one row for each stay that overlaps the period of the context, see `period_dates`.

    open at start + entered = advanced + won + moved back + handed over + lost + archived + merged
    + deleted + open at end

    This holds in number and amount, for any stages and salespeople, since each stay counts once on either
    side.
    """

    _name = 'crm.stage.flow.report'
    _inherit = 'crm.stage.report.mixin'
    _description = "Stage Flow"
    _auto = False
    _order = 'entered_at desc, id desc'
    _depends = {'crm.lead': HISTORY_FIELDS}

    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity was in."
    )
    entered_at = fields.Datetime(
        readonly=True,
        help="When the opportunity came to this stage and salesperson.",
    )
    left_at = fields.Datetime(
        readonly=True,
        help="When the opportunity left this stage or salesperson; empty while it is there.",
    )
    exit_kind = fields.Selection(
        selection=lambda self: (
            self.env['crm.stage.history']._fields['exit_kind']._description_selection(self.env)
        ),
        string="Exit Type",
        readonly=True,
        help="How the opportunity left, in the period or after it; empty while it is there.",
    )
    stage_days = fields.Float(
        string="Days in Stage (Median)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) in the stage, across changes of salesperson; only of opportunities that "
        "left the stage in the period, other than to another salesperson. Of a group: the median.",
    )
    open_start = _number("Open at Start", "Were in the stage when the period began.")
    entered = _number(
        "Entered", "Came into the stage, or to the salesperson, in the period, in any way."
    )
    advanced = _number("Advanced", "Left for a later stage in the period, other than by winning.")
    won = _number("Won", "Left the stage in the period because they were won.")
    moved_back = _number("Moved Back", "Left for an earlier stage in the period.")
    handed_over = _number(
        "Handed Over", "Went to another salesperson, sales team or company in the period."
    )
    lost = _number("Lost", "Were lost in the period.")
    archived = _number("Archived", "Were archived in the period, without being lost.")
    merged = _number("Merged", "Were merged into another opportunity in the period.")
    deleted = _number("Deleted", "Were deleted in the period.")
    open_end = _number(
        "Open at End", "Are in the stage when the period ends, or now if it has not ended."
    )
    open_start_amount = _amount("Amount Open at Start", "In the stage when the period began.")
    entered_amount = _amount("Amount Entered", "Came into the stage in the period.")
    advanced_amount = _amount("Amount Advanced", "Left for a later stage in the period.")
    won_amount = _amount("Amount Won", "Left the stage by being won in the period.")
    moved_back_amount = _amount("Amount Moved Back", "Left for an earlier stage in the period.")
    handed_over_amount = _amount(
        "Amount Handed Over", "Went to another salesperson, sales team or company."
    )
    lost_amount = _amount("Amount Lost", "Lost in the period.")
    archived_amount = _amount("Amount Archived", "Archived in the period, without being lost.")
    merged_amount = _amount("Amount Merged", "Merged into another opportunity in the period.")
    deleted_amount = _amount("Amount Deleted", "Deleted in the period.")
    open_end_amount = _amount("Amount Open at End", "In the stage when the period ends.")

    @property
    def _table_query(self):
        period = PeriodQuery(self.env, 'stay')
        movements = [
            SQL(
                "CASE WHEN %(condition)s THEN 1 ELSE 0 END AS %(number)s,"
                " CASE WHEN %(condition)s THEN stay.expected_revenue ELSE 0 END AS %(amount)s",
                condition=SQL(condition),  # pylint: disable=sql-injection
                number=SQL.identifier(name),
                amount=SQL.identifier(f'{name}_amount'),
            )
            for name, condition in MOVEMENTS.items()
        ]
        return SQL(
            """
            SELECT stay.id, %(stay)s, stay.stage_id, stay.entered_at, stay.left_at, stay.exit_kind,
                   CASE WHEN is_left AND NOT stay.is_won AND stay.exit_kind <> 'handed_over'
                        THEN %(stage_days)s END AS stage_days,
                   %(movements)s
              FROM crm_stage_history stay
                   %(owner)s
        CROSS JOIN LATERAL (SELECT %(begin)s AS begin, %(end)s AS end) AS bounds
        CROSS JOIN LATERAL (
                SELECT stay.left_at IS NOT NULL AND stay.left_at < bounds.end AS is_left
                   ) AS side
             WHERE stay.entered_at < %(latest)s
               AND (stay.left_at IS NULL OR stay.left_at >= %(earliest)s)
               AND %(is_within)s
            """,
            stay=self._select_stay(),
            stage_days=self._days_between(SQL("stay.stage_entered_at"), SQL("stay.left_at")),
            movements=SQL(", ").join(movements),
            begin=period.begin,
            end=period.end,
            earliest=period.earliest,
            latest=period.latest,
            owner=period.join,
            is_within=SQL(
                "stay.entered_at < bounds.end"
                " AND (stay.left_at IS NULL OR stay.left_at >= bounds.begin)"
            )
            if period.has_zones
            else SQL("TRUE"),
        )
