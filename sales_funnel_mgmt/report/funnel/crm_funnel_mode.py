"""Define how a report answers the funnel view."""

from odoo import api, models
from odoo.fields import Domain

from ...models.base.report_period import previous_period_dates, with_period
from ...models.base.tools import get_amount_aggregates


class CrmFunnelMode(models.AbstractModel):
    """The interface between a report and the funnel view, which shows it as one of its modes.

    The report defines its figures, the records that they count, and the texts that explain them. The
    view only arranges them, see `crm.funnel.report`.

    A cell holds the figures of one stage of one funnel. Cells are returned by key: (ID of the team or
    salesperson, ID of the stage), each False if empty.
    """

    _name = 'crm.funnel.mode'
    _description = "Funnel Mode"

    # measures that select some of the records of a cell
    _funnel_kinds = ('stalled',)

    # === BUSINESS METHODS === #

    @api.model
    def _get_funnel_texts(self):
        """Return the texts that are shown beside the figures.

        :return: Name of the mode, and the explanation of its figures.
        :rtype: tuple[str, str]
        """
        raise NotImplementedError

    @api.model
    def _get_funnel_stages(self):
        """Return the stages that the funnel shows, in their order."""
        return self.env['crm.stage'].search(Domain.TRUE)

    @api.model
    def _get_funnel_comparison(self):
        """Return the first and the last day of the period to compare with."""
        return previous_period_dates(self.env)

    @api.model
    def _get_funnel_cells(self, domain, split):
        """Return the figures, by key of the cell.

        :param Domain domain: Domain on the reports of the stays.
        :param str split: Field to make a funnel for each value of; falsy: one funnel.
        :rtype: dict[tuple, dict]
        """
        raise NotImplementedError

    @api.model
    def _get_funnel_conversion(self, before, cell):
        """Return the two numbers of the conversion from the stage before: numerator, denominator."""
        return cell.get('count', 0), before.get('count', 0)

    @api.model
    def _get_funnel_records(self, leads, stays, kind):
        """Return the action and the domain of the records that a figure of a cell counts.

        :param Domain leads: Domain of the cell on `crm.lead`. `stays` is that on reports of stays.
        :param str kind: One of `_funnel_kinds`; falsy: all records of the cell.
        :return: Name of a window action of this module, and the domain of the records.
        :rtype: tuple[str, Domain]
        """
        raise NotImplementedError

    # === FIGURES === #

    @api.model
    def _with_previous_period(self):
        """Return the report with the previous period in its context."""
        return with_period(self, [str(day) for day in previous_period_dates(self.env)])

    @api.model
    def _read_funnel_cells(self, domain, split, aggregates, amounts=()):
        """Yield key and figures of each cell.

        :param list aggregates: Aggregates of the report.
        :param amounts: Fields whose sums follow, in the currency of the company.
        """
        rows = self._read_group(
            domain,
            [*([split] if split else []), 'stage_id'],
            [*aggregates, *get_amount_aggregates(self.env, amounts)],
        )
        for row in rows:
            group = row[0].id if split else False
            stage, *figures = row[1:] if split else row
            # Without a median the cell is empty, not 0 days.
            yield (group, stage.id), [None if figure is False else figure for figure in figures]

    @api.model
    def _count_funnel_stalled(self, cells, domain, split):
        """Set the figures of the opportunities of each cell that are stalled now."""
        stalled = self.env['crm.stalled.report']._read_group(
            domain, [*([split] if split else []), 'stage_id'], ['__count']
        )
        for *group, stage, count in stalled:
            key = (group[0].id if group else False, stage.id)
            if key in cells:
                cells[key]['stalled'] = count

    @api.model
    def _count_funnel_previous(self, cells, report, domain, split):
        """Set the figures that each cell is compared with.

        :param report: Report in the period to compare with.
        """
        previous = report._read_funnel_cells(domain, split, ['__count'], ['expected_revenue'])
        for key, (count, revenue) in previous:
            cells.setdefault(key, {})['previous'] = {'count': count, 'expected_revenue': revenue}
