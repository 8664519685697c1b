from odoo import api, models
from odoo.fields import Domain

from ...models.base.report_period import previous_period_dates, with_period


class CrmFunnelMode(models.AbstractModel):
    """A mode of the funnel view: what a report answers when the view shows its figures.

    The report itself decides which figures there are, which records they count, and in which words
    they are explained. The view only arranges the answers, see `crm.funnel.report`.

    A cell is what the report tells of one stage of one funnel. Cells are returned by their key: (ID
    of the team or salesperson, ID of the stage), each False for none.
    """

    _name = 'crm.funnel.mode'
    _description = "Funnel Mode"

    # measures that the records of a cell can be narrowed down to
    _funnel_kinds = ('stalled',)

    # === BUSINESS METHODS === #

    @api.model
    def _get_funnel_texts(self):
        """Return what is shown beside the figures.

        :return: Name of the mode, and what its figures are.
        :rtype: tuple[str, str]
        """
        raise NotImplementedError

    @api.model
    def _get_funnel_stages(self):
        """Return the stages that the funnel shows, in their order."""
        return self.env['crm.stage'].search(Domain.TRUE)

    @api.model
    def _get_funnel_comparison(self):
        """Return the first and the last day of what the figures are compared with."""
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
    def _get_funnel_passage(self, before, cell):
        """Return the two numbers whose ratio is the conversion from the cell of the stage before:
        what came on, and of how much."""
        return cell.get('count', 0), before.get('count', 0)

    @api.model
    def _get_funnel_records(self, leads, stays, kind):
        """Return where to find the records that a figure of a cell counts.

        :param Domain leads: The cell, on `crm.lead`; `stays` is the same on the reports of the stays.
        :param str kind: One of `_funnel_kinds`; falsy: all that the cell counts.
        :return: Name of a window action of this module, and the domain of the records.
        :rtype: tuple[str, Domain]
        """
        raise NotImplementedError

    # === FIGURES === #

    @api.model
    def _before(self):
        """Return the report in the period before."""
        return with_period(self, [str(day) for day in previous_period_dates(self.env)])

    @api.model
    def _read_funnel_cells(self, domain, split, aggregates, amounts=()):
        """Yield key and figures of each cell.

        :param list aggregates: Aggregates of the report.
        :param amounts: Fields whose sums come last, in the currency of the company.
        """
        aggregator = 'sum_currency' if len(self.env.companies.currency_id) > 1 else 'sum'
        rows = self._read_group(
            domain,
            [*([split] if split else []), 'stage_id'],
            [*aggregates, *(f'{name}:{aggregator}' for name in amounts)],
        )
        for row in rows:
            group = row[0].id if split else False
            stage, *figures = row[1:] if split else row
            # no median is none, and not 0 days
            yield (group, stage.id), [None if figure is False else figure for figure in figures]

    @api.model
    def _count_funnel_stalled(self, cells, domain, split):
        """Set how much of each cell is stalled now."""
        stalled = self.env['crm.stalled.report']._read_group(
            domain, [*([split] if split else []), 'stage_id'], ['__count']
        )
        for *group, stage, count in stalled:
            key = (group[0].id if group else False, stage.id)
            if key in cells:
                cells[key]['stalled'] = count

    @api.model
    def _count_funnel_previous(self, cells, report, domain, split):
        """Set what each cell is compared with: the rows of a report of this kind.

        :param report: Report in the period to compare with.
        """
        previous = report._read_funnel_cells(domain, split, ['__count'], ['expected_revenue'])
        for key, (count, revenue) in previous:
            cells.setdefault(key, {})['previous'] = {'count': count, 'expected_revenue': revenue}
