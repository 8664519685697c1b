from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.period_context import period_dates, previous_period_dates, with_period
from ..stage_history.crm_stage_flow_report import MOVEMENTS

MODES = ('now', 'flow', 'cohort')
# by what a funnel can be split into several
SPLITS = ('team_id', 'user_id')
# what a stay knows itself: the credit is of who held the opportunity then, not of its owner of today
STAY_FIELDS = {'user_id', 'team_id', 'company_id'}
# mode: measures that the records of a cell can be narrowed down to
KINDS = {
    'now': ('stalled',),
    'flow': ('stalled', *MOVEMENTS),
    'cohort': ('stalled', 'won', 'lost', 'still_open'),
}
# of a stage where nothing is, or was
EMPTY_CELL = {
    'count': 0,
    'opportunities': 0,
    'customers': 0,
    'expected_revenue': 0,
    'quota_amount': 0,
    'conversion': None,
    'days': None,
    'stalled': 0,
    'flows': {},
    'flow_amounts': {},
    'previous': {'count': 0, 'expected_revenue': 0},
}


class CrmFunnelReport(models.Model):
    """The funnel now: the open opportunities, where they are. And the figures of the funnel view.

    The view has three modes. *Now* reads this report, *flow* `crm.stage.flow.report`, *cohort*
    `crm.funnel.cohort.report`: so its figures are theirs, under the record rules of whoever asks.
    """

    _name = 'crm.funnel.report'
    _inherit = 'crm.stage.report.mixin'
    _description = "Funnel"
    _auto = False
    _order = 'stage_entered_at, id'

    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity is in."
    )
    stage_entered_at = fields.Datetime(
        string="In Stage Since",
        readonly=True,
        help="When the opportunity entered the stage, whoever held it then.",
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

    # === ACTION METHODS === #

    @api.model
    @api.readonly
    def action_open_records(self, domain, mode, split, period, group_id, stage_id, kind=None):
        """Open the records that a figure of the funnel counts.

        :param list domain: Domain on `crm.lead`, as for `get_funnel`; so are mode, split and period.
        :param int group_id: Team or salesperson of the funnel; falsy for none.
        :param int stage_id: Stage; falsy for none.
        :param str kind: One of `KINDS` of the mode; without one, all that the bar stands for.
        :return: Window action.
        """
        report = self._check_arguments(mode, split, period)
        if kind is not None and kind not in KINDS[mode]:
            raise UserError(self.env._("The funnel has no figure named “%(name)s”.", name=kind))
        if any(id_ and not isinstance(id_, int) for id_ in (group_id, stage_id)):
            raise UserError(self.env._("A funnel is of one team or salesperson, and of one stage."))
        cell = Domain('stage_id', '=', stage_id or False)
        if split:
            cell &= Domain(split, '=', group_id or False)
        lead_domain = self._check_domain(domain)
        stay_domain = self._translate_domain(lead_domain) & cell
        if kind == 'stalled' and mode != 'cohort':
            name, found = 'crm_stalled_report_action', stay_domain
        elif mode == 'now':
            name = 'crm_lead_funnel_records_action'
            # open: neither lost nor archived, and not won
            found = lead_domain & cell & Domain('type', '=', 'opportunity')
            found &= Domain('active', '=', True) & Domain('stage_id.is_won', '=', False)
        elif mode == 'flow':
            name, found = 'crm_stage_flow_report_action', stay_domain
            found &= Domain(kind or 'entered', '=', 1)
        else:
            name, found = 'crm_funnel_cohort_report_action', stay_domain
            if kind:
                found &= Domain(kind, '=', 1)
        action = self.env['ir.actions.act_window']._for_xml_id(f'sales_funnel_mgmt.{name}')
        views = [(id_, type_) for id_, type_ in action['views'] if type_ in {'list', 'form'}]
        return {
            **action,
            'name': self.env['crm.stage'].browse(stage_id or []).display_name or action['name'],
            'domain': list(found),
            'views': views,
            'view_mode': ','.join(type_ for _id, type_ in views),
            # the period, and nothing that would filter the records once more
            'context': {
                key: value
                for key, value in report.env.context.items()
                if key.startswith('stage_flow_')
            },
        }

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_funnel(self, domain, mode='now', split=None, period='this_month'):
        """Return the figures of the funnel view.

        Figures are those of the reports, restricted to what the user may read. The conditions of the
        domain on salesperson, team and company are about who held the opportunity then, all others
        about the opportunity as it is today.

        :param list domain: Domain on `crm.lead`.
        :param str mode: One of `MODES`.
        :param str split: One of `SPLITS`: a funnel for each; falsy: one for all.
        :param period: Name of a period of `PERIODS`, or its first and its last day (as text). In
            mode *now* it only tells with which day to compare.
        :return: `funnels`, each with a cell for each stage of `stages`; `period` and `compared_with`
            (days, as text); `mode_name` and `formula`, to be shown beside the figures.
        :rtype: dict
        """
        report = self._check_arguments(mode, split, period)
        stay_domain = report._translate_domain(report._check_domain(domain))
        first, last = period_dates(report.env)
        before = previous_period_dates(report.env)
        figures = getattr(report, f'_get_{mode}_figures')(stay_domain, split, before)
        return {
            'mode': mode,
            'mode_name': self._get_mode_names()[mode],
            'formula': self._get_formulas()[mode],
            'split': split or False,
            'period': [str(first), str(last)],
            'compared_with': [str(day) for day in (before if mode != 'now' else (first, first))],
            'currency_id': self.env.company.currency_id.id,
            **self._arrange(figures, mode, split),
        }

    @api.model
    def _check_arguments(self, mode, split, period):
        """Return the model in the context of the period; raise if an argument is none that there is."""
        if not isinstance(mode, str) or mode not in MODES:
            raise UserError(self.env._("The funnel has no mode named “%(name)s”.", name=mode))
        if split and (not isinstance(split, str) or split not in SPLITS):
            raise UserError(self.env._("A funnel is split by sales team or salesperson only."))
        report = with_period(self, period)
        period_dates(report.env)
        return report

    @api.model
    def _check_domain(self, domain):
        try:
            result = Domain(domain)
            result.validate(self.env['crm.lead'])
        except (TypeError, ValueError, AttributeError) as error:
            raise UserError(
                self.env._(
                    "These filters do not make a domain on opportunities: %(error)s", error=error
                )
            ) from error
        return result

    @api.model
    def _translate_domain(self, domain):
        """Return the domain on the reports of the stays for one on `crm.lead`."""

        def translate(condition):
            name = condition.field_expr
            if name.split('.')[0] in STAY_FIELDS:
                return condition
            if name == 'type' and condition.operator == '=' and condition.value == 'opportunity':
                # every stay is of an opportunity, also if that has been deleted since
                return Domain.TRUE
            return Domain('lead_id', 'any', condition)

        return domain.map_conditions(translate)

    @api.model
    def _arrange(self, cells, mode, split):
        """Return the stages and the funnels, each with its cells in the order of the stages.

        A stage of certain teams is left out of a funnel where it has no figure, unless the funnel is
        of such a team. What was in a stage that has been deleted comes last.
        """
        open_only = [('is_won', '=', False)] if mode == 'now' else Domain.TRUE
        stages = self.env['crm.stage'].search(open_only)
        # of a stage that is gone, only what there is to see
        cells = {
            key: cell
            for key, cell in cells.items()
            if key[1] in stages._ids
            or (not key[1] and (cell.get('count') or any(cell.get('flows', {}).values())))
        }
        # In sudo mode as everywhere in Odoo: names of what the records that one may read belong to.
        model_sudo = self.env[self._fields[split].comodel_name].sudo() if split else None
        group_ids = {group_id for group_id, _stage_id in cells}
        names = {False: self.env._("None")}
        if split:
            groups_sudo = model_sudo.browse(id_ for id_ in group_ids if id_)
            names.update((group.id, group.display_name) for group in groups_sudo)
        funnels = []
        for group_id in sorted(group_ids, key=lambda id_: (not id_, names[id_])):
            shown = stages.filtered(
                lambda stage, group_id=group_id: (
                    (group_id, stage.id) in cells
                    or not stage.team_ids
                    or (split == 'team_id' and group_id in stage.team_ids._ids)
                )
            )
            rows = [{'stage_id': id_, **cells.get((group_id, id_), {})} for id_ in shown.ids]
            self._add_conversions(rows, mode)
            if (group_id, False) in cells:
                rows.append({'stage_id': False, **cells[group_id, False]})
            funnels.append({
                'id': group_id,
                'name': names[group_id] if split else '',
                'cells': [{**EMPTY_CELL, **row} for row in rows],
            })
        known = [
            {'id': stage.id, 'name': stage.display_name, 'is_won': stage.is_won} for stage in stages
        ]
        unknown = {'id': False, 'name': self.env._("Unknown Stage"), 'is_won': False}
        has_unknown = any(not stage_id for _group_id, stage_id in cells)
        return {'stages': [*known, *([unknown] if has_unknown else [])], 'funnels': funnels}

    @api.model
    def _add_conversions(self, rows, mode):
        """Add to each row but the first the conversion from the stage before, see `_get_formulas`."""
        for before, row in pairwise(rows):
            passed, base = row.get('count', 0), before.get('count', 0)
            if mode == 'flow':
                flows = before.get('flows', {})
                passed = flows.get('advanced', 0) + flows.get('won', 0)
                base = flows.get('entered', 0) - flows.get('handed_over', 0)
            row['conversion'] = passed / base if base > 0 else None

    @api.model
    def _get_mode_names(self):
        return {
            'now': self.env._("Now"),
            'flow': self.env._("Flow"),
            'cohort': self.env._("Cohort"),
        }

    @api.model
    def _get_formulas(self):
        """Return for each mode what its figures are, to be shown beside them."""
        return {
            'now': self.env._(
                "Open opportunities in each stage at this moment. Percentage: number in the stage ÷ "
                "number in the stage before, which are not the same opportunities. Days: median since "
                "they entered the stage."
            ),
            'flow': self.env._(
                "What entered each stage in the period. Open at start + entered = advanced + won + "
                "moved back + handed over + lost + archived + merged + deleted + open at end. "
                "Percentage: (advanced + won) ÷ (entered − handed over) of the stage before; it can be "
                "above 100%. Days: median of what left the stage."
            ),
            'cohort': self.env._(
                "Opportunities that began in the period, counted in every stage that they have "
                "reached until today or passed; what was lost counts where it got to. Percentage: "
                "reached ÷ reached the stage before. Days: median of what left the stage."
            ),
        }
