from odoo import models
from odoo.fields import Domain

from ....models.base.period_context import with_period
from ...stage_history.crm_stage_flow_report import MOVEMENTS


class CrmFunnelReport(models.Model):
    """The figures of the funnel's modes, from the report of each."""

    _inherit = 'crm.funnel.report'

    # === BUSINESS METHODS === #

    # Each of the following returns {(group id, stage id): cell}; ids are False for none.

    def _get_now_figures(self, domain, split, _before):
        cells = {
            key: {
                'count': count,
                'opportunities': count,
                'customers': customers,
                'expected_revenue': revenue,
                'quota_amount': quota,
                'days': days,
            }
            for key, (count, customers, days, revenue, quota) in self._read_cells(
                self,
                domain,
                split,
                ['__count', 'customer_ref:count_distinct', 'stage_days:avg'],
                ['expected_revenue', 'quota_amount'],
            )
        }
        self._add_stalled(cells, domain, split)
        flow = self.env['crm.stage.flow.report']
        self._add_previous(
            cells,
            self._read_cells(
                flow,
                domain & Domain('open_start', '=', 1),
                split,
                ['__count'],
                ['expected_revenue'],
            ),
        )
        return cells

    def _get_flow_figures(self, domain, split, before):
        flow = self.env['crm.stage.flow.report']
        entered = domain & Domain('entered', '=', 1)
        cells = {}
        for key, (days, *figures) in self._read_cells(
            flow,
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
        for key, (opportunities, customers, quota) in self._read_cells(
            flow,
            entered,
            split,
            ['lead_ref:count_distinct', 'customer_ref:count_distinct'],
            ['quota_amount'],
        ):
            cells[key].update(opportunities=opportunities, customers=customers, quota_amount=quota)
        self._add_stalled(cells, domain, split)
        self._add_previous(
            cells,
            self._read_cells(
                with_period(flow, [str(day) for day in before]),
                entered,
                split,
                ['__count'],
                ['expected_revenue'],
            ),
        )
        return cells

    def _get_cohort_figures(self, domain, split, before):
        cohort = self.env['crm.funnel.cohort.report']
        outcomes = ['furthest', 'won', 'lost', 'still_open']
        cells = {
            key: {
                'count': count,
                'opportunities': count,
                'customers': customers,
                'expected_revenue': revenue,
                'quota_amount': quota,
                'days': days,
                'stalled': stalled,
                'flows': {
                    'won': won,
                    'lost': lost,
                    'still_open': still_open,
                    'other': furthest - won - lost - still_open,
                },
            }
            for key, (
                count,
                customers,
                days,
                stalled,
                furthest,
                won,
                lost,
                still_open,
                revenue,
                quota,
            ) in self._read_cells(
                cohort,
                domain,
                split,
                [
                    '__count',
                    'customer_ref:count_distinct',
                    'stage_days:avg',
                    'stalled:sum',
                    *(f'{name}:sum' for name in outcomes),
                ],
                ['expected_revenue', 'quota_amount'],
            )
        }
        self._add_previous(
            cells,
            self._read_cells(
                with_period(cohort, [str(day) for day in before]),
                domain,
                split,
                ['__count'],
                ['expected_revenue'],
            ),
        )
        return cells

    def _read_cells(self, report, domain, split, aggregates, amounts):
        """Yield (group id, stage id), [figures] of a report; amounts come last, in the currency of the
        company."""
        aggregator = 'sum_currency' if len(self.env.companies.currency_id) > 1 else 'sum'
        rows = report._read_group(
            domain,
            [*([split] if split else []), 'stage_id'],
            [*aggregates, *(f'{name}:{aggregator}' for name in amounts)],
        )
        for row in rows:
            group = row[0].id if split else False
            stage, *figures = row[1:] if split else row
            # no median is none, and not 0 days
            figures = [None if figure is False else figure for figure in figures]
            yield (group, stage.id), figures

    def _add_stalled(self, cells, domain, split):
        stalled = self._read_cells(self.env['crm.stalled.report'], domain, split, ['__count'], [])
        for key, (count,) in stalled:
            if key in cells:
                cells[key]['stalled'] = count

    def _add_previous(self, cells, previous):
        for key, (count, revenue) in previous:
            cells.setdefault(key, {})['previous'] = {'count': count, 'expected_revenue': revenue}
