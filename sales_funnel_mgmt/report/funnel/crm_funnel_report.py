"""Report on the mode *now* of the funnel: the open opportunities by stage."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.report_period import period_dates


class CrmFunnelReport(models.Model):
    """The open opportunities in their current stages."""

    _name = 'crm.funnel.report'
    _inherit = ['crm.stage.report.mixin', 'crm.funnel.mode']
    _description = "Funnel"
    _auto = False
    _order = 'stage_entered_at, id'

    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity is in."
    )
    stage_entered_at = fields.Datetime(
        string="In Stage Since",
        readonly=True,
        help="When the opportunity entered the stage, with any salesperson.",
    )
    stage_days = fields.Float(
        string="Days in Stage (Median)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) since the opportunity entered the stage. Of a group: the median.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT stay.id, %(stay)s, stay.stage_id, stay.stage_entered_at, %(days)s AS stage_days
              FROM crm_stage_history stay
             WHERE stay.left_at IS NULL
               AND NOT stay.is_won
            """,
            stay=self._select_stay(),
            days=self._days_between(SQL("stay.stage_entered_at"), SQL("%s", self.env.cr.now())),
        )

    # === BUSINESS METHODS === #

    @api.model
    def _get_funnel_texts(self):
        return (
            self.env._("Now"),
            self.env._(
                "Open opportunities in each stage at this moment. Percentage: number in the stage ÷ "
                "number in the stage before, which are not the same opportunities. Days: median since "
                "they entered the stage."
            ),
        )

    @api.model
    def _get_funnel_stages(self):
        """Leave out the won stages, which have no open opportunities."""
        return self.env['crm.stage'].search([('is_won', '=', False)])

    @api.model
    def _get_funnel_comparison(self):
        """Compare with the first day of the period."""
        first, _last = period_dates(self.env)
        return first, first

    @api.model
    def _get_funnel_cells(self, domain, split):
        cells = {
            key: {
                'count': count,
                'opportunities': count,
                'customers': customers,
                'expected_revenue': revenue,
                'quota_amount': quota,
                'days': days,
            }
            for key, (count, customers, days, revenue, quota) in self._read_funnel_cells(
                domain,
                split,
                ['__count', 'customer_ref:count_distinct', 'stage_days:avg'],
                ['expected_revenue', 'quota_amount'],
            )
        }
        self._count_funnel_stalled(cells, domain, split)
        flow = self.env['crm.stage.flow.report']
        self._count_funnel_previous(cells, flow, domain & Domain('open_start', '=', 1), split)
        return cells

    @api.model
    def _get_funnel_records(self, leads, stays, kind):
        if kind == 'stalled':
            return 'crm_stalled_report_action', stays
        # Open opportunities are neither lost, archived nor won.
        return 'crm_lead_funnel_records_action', leads & Domain([
            ('type', '=', 'opportunity'),
            ('active', '=', True),
            ('stage_id.is_won', '=', False),
        ])
