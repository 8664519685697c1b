"""Report on the time that opportunities take from the beginning to the win or the loss."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.group_measures import get_median, get_ratio, get_sum
from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmSalesCycleReport(models.Model):
    """Report with one row for each won, lost and open opportunity: win rate, sales cycle, velocity.

    A win or loss is credited to the salesperson of its stay. An open opportunity has the date of today, and
    so belongs to every period that includes today.
    """

    _name = 'crm.sales.cycle.report'
    _inherit = ['crm.stage.report.mixin', 'crm.company.day.mixin']
    _description = "Sales Cycle"
    _auto = False
    _order = 'date desc, id desc'
    _depends = {'crm.lead': HISTORY_FIELDS}

    date = fields.Datetime(
        readonly=True, help="When the opportunity was won or lost; now, if it is open."
    )
    outcome = fields.Selection(
        selection=[('won', "Won"), ('lost', "Lost"), ('open', "Open")],
        readonly=True,
        help="What has become of the opportunity.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        help="Stage in which the opportunity was won or lost, or is.",
    )
    open_count = fields.Integer(
        string="Open", readonly=True, help="Number of opportunities that are open now."
    )
    won_count = fields.Integer(
        string="Won", readonly=True, help="Number of opportunities that were won."
    )
    lost_count = fields.Integer(
        string="Lost", readonly=True, help="Number of opportunities that were lost."
    )
    won_amount = fields.Monetary(
        readonly=True, help="Expected revenue of the opportunities when they were won."
    )
    win_rate = fields.Float(
        string="Win Rate (%)",
        digits=(5, 1),
        readonly=True,
        aggregator='avg',
        help="Won ÷ (won + lost), in percent (0 to 100), of the opportunities closed in the period.",
    )
    cycle_days = fields.Float(
        string="Sales Cycle (Average Days)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days from the beginning of the opportunity (created, or converted from a lead) to the "
        "win; only of won opportunities. Of a group: the average.",
    )
    cycle_days_median = fields.Float(
        string="Sales Cycle (Median Days)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days from the beginning of the opportunity to the win; only of won opportunities. Of a "
        "group: the median, half of the wins took longer.",
    )
    velocity = fields.Float(
        string="Sales Velocity (per Day)",
        digits=(16, 2),
        readonly=True,
        aggregator='avg',
        help="Open opportunities × average won amount × win rate ÷ average sales cycle: the revenue "
        "a day that the pipeline brings, if it goes on as in the period, converted to one currency if "
        "there are several. Empty without a win.",
    )

    @property
    def _table_query(self):
        won = SQL("(stay.is_win)::int")
        lost = SQL("(stay.is_loss)::int")
        cycle_days = self._days_between(SQL("stay.started_at"), SQL("stay.entered_at"))
        select = SQL(
            """
            SELECT stay.id, %(stay)s, stay.stage_id,
                   1 - %(won)s - %(lost)s AS open_count, %(won)s AS won_count, %(lost)s AS lost_count,
                   CASE WHEN stay.is_win THEN stay.won_amount ELSE 0 END AS won_amount,
                   CASE WHEN stay.is_win OR stay.is_loss THEN 100.0 * %(won)s END AS win_rate,
                   CASE WHEN stay.is_win THEN %(cycle_days)s END AS cycle_days,
                   CASE WHEN stay.is_win THEN %(cycle_days)s END AS cycle_days_median,
                   NULL::float8 AS velocity,
            """,
            stay=self._select_stay(),
            won=won,
            lost=lost,
            cycle_days=cycle_days,
        )
        now = SQL("%s::timestamp", self.env.cr.now())
        # One part for each condition, since each condition has an index.
        return SQL(
            """
            %(select)s 'won' AS outcome, stay.entered_at AS date, %(day_of_win)s AS day
              FROM crm_stage_history stay %(owner)s WHERE stay.is_win
            UNION ALL
            %(select)s 'lost' AS outcome, stay.left_at AS date, %(day_of_loss)s AS day
              FROM crm_stage_history stay %(owner)s WHERE stay.is_loss AND NOT stay.is_win
            UNION ALL
            %(select)s 'open' AS outcome, %(now)s AS date, %(today)s AS day
              FROM crm_stage_history stay %(owner)s WHERE stay.left_at IS NULL AND NOT stay.is_won
            """,
            select=select,
            day_of_win=self._select_day(SQL("stay.entered_at")),
            day_of_loss=self._select_day(SQL("stay.left_at")),
            today=self._select_day(now),
            now=now,
            owner=self._join_day(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """Override to compute the rates of a group from its totals, not as averages."""
        if aggregate_spec == 'cycle_days_median:avg':
            return get_median(self._field_to_sql(self._table, 'cycle_days', query))
        if aggregate_spec == 'win_rate:avg':
            won, lost = (get_sum(self, name, query) for name in ('won_count', 'lost_count'))
            return get_ratio(won, SQL("(%s + %s)", won, lost), 100)
        if aggregate_spec == 'velocity:avg':
            return self._select_velocity(query)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _select_velocity(self, query):
        """Return the velocity of a group: open × average won amount × win rate ÷ average cycle."""
        is_open, won, lost, amount, days = (
            get_sum(self, name, query)
            for name in ('open_count', 'won_count', 'lost_count', 'won_amount', 'cycle_days')
        )
        # open × (won amount ÷ won) × (won ÷ (won + lost)) ÷ (cycle days ÷ won)
        return get_ratio(
            SQL("%s * %s * %s", is_open, amount, won), SQL("((%s + %s) * %s)", won, lost, days)
        )
