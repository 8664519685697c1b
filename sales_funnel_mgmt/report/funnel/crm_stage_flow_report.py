"""Report on the mode *flow* of the funnel: entries to and exits from each stage in the period."""

from odoo import api, models
from odoo.fields import Domain

from ...models.stage_history.movements import MOVEMENTS


class CrmStageFlowReport(models.Model):
    _name = 'crm.stage.flow.report'
    _inherit = ['crm.stage.flow.report', 'crm.funnel.mode']

    _funnel_kinds = ('stalled', *MOVEMENTS)

    # === BUSINESS METHODS === #

    @api.model
    def _get_funnel_texts(self):
        return (
            self.env._("Flow"),
            self.env._(
                "Opportunities that entered each stage in the period. Open at start + entered = advanced + won + "
                "moved back + handed over + lost + archived + merged + deleted + open at end. "
                "Percentage: (advanced + won) ÷ (entered − handed over) of the stage before; it can be "
                "above 100%. Days: median of the opportunities that left the stage."
            ),
        )

    @api.model
    def _get_funnel_cells(self, domain, split):
        entered = domain & Domain('entered', '=', 1)
        cells = {}
        for key, (days, *figures) in self._read_funnel_cells(
            domain,
            split,
            ['stage_days:avg', *(f'{name}:sum' for name in MOVEMENTS)],
            [f'{name}_amount' for name in MOVEMENTS],
        ):
            numbers = dict(zip(MOVEMENTS, figures[: len(MOVEMENTS)], strict=True))
            amounts = dict(zip(MOVEMENTS, figures[len(MOVEMENTS) :], strict=True))
            cells[key] = {
                'count': numbers['entered'],
                'expected_revenue': amounts['entered'],
                'days': days,
                'flows': numbers,
                'flow_amounts': amounts,
            }
        for key, (opportunities, customers, quota) in self._read_funnel_cells(
            entered,
            split,
            ['lead_ref:count_distinct', 'customer_ref:count_distinct'],
            ['quota_amount'],
        ):
            cells[key].update(opportunities=opportunities, customers=customers, quota_amount=quota)
        self._count_funnel_stalled(cells, domain, split)
        self._count_funnel_previous(cells, self._with_previous_period(), entered, split)
        return cells

    @api.model
    def _get_funnel_conversion(self, before, cell):
        """Leave out the handed-over opportunities, which the next salesperson moves on."""
        flows = before.get('flows', {})
        return (
            flows.get('advanced', 0) + flows.get('won', 0),
            flows.get('entered', 0) - flows.get('handed_over', 0),
        )

    @api.model
    def _get_funnel_records(self, leads, stays, kind):
        if kind == 'stalled':
            return 'crm_stalled_report_action', stays
        return 'crm_stage_flow_report_action', stays & Domain(kind or 'entered', '=', 1)
