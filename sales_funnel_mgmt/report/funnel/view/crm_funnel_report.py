"""Check the arguments of the funnel view and let the report of the mode answer."""

from psycopg2 import DataError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ....models.base.arguments import get_id, without_none
from ....models.base.report_period import get_period_context, period_dates, with_period
from .arrangement import arrange

# report of each mode, see `crm.funnel.mode`
MODES = {
    'now': 'crm.funnel.report',
    'flow': 'crm.stage.flow.report',
    'cohort': 'crm.funnel.cohort.report',
}
# fields by which a funnel can be split into several
SPLITS = ('team_id', 'user_id')
# Fields that a stay has itself: it counts for its own salesperson, not for the current one.
STAY_FIELDS = {'user_id', 'team_id', 'company_id'}


class CrmFunnelReport(models.Model):
    _inherit = 'crm.funnel.report'

    # === ACTION METHODS === #

    @api.model
    @api.readonly
    def action_open_records(self, domain, mode, split, period, group_id, stage_id, kind=None):
        """Open the records that a figure of the funnel counts.

        :param list domain: Domain on `crm.lead`, as for `get_funnel`; so are mode, split and period.
        :param int group_id: Team or salesperson of the funnel; falsy for none.
        :param int stage_id: Stage; falsy for none.
        :param str kind: One of the `_funnel_kinds` of the mode; without one, all records of the
            bar.
        :return: Window action.
        """
        report = self._get_mode(mode, split, period)
        if kind and not (isinstance(kind, str) and kind in report._funnel_kinds):
            raise UserError(self.env._("The funnel has no figure named “%(name)s”.", name=kind))
        leads = self._check_domain(domain)
        group_id, stage_id = get_id(self.env, group_id), get_id(self.env, stage_id)
        cell = self._get_cell_domain(split, group_id, stage_id)
        name, found = report._get_funnel_records(
            leads & cell, self._translate_domain(leads) & cell, kind
        )
        action = self._get_records_action(name, found)
        if stage_id:
            action['name'] = self.env['crm.stage'].browse(stage_id).display_name or action['name']
        # Only the period: other keys of the context could filter the records again.
        action['context'] = get_period_context(report.env)
        return action

    @api.model
    def _get_cell_domain(self, split, group_id, stage_id):
        cell = Domain('stage_id', '=', stage_id)
        return cell & Domain(split, '=', group_id) if split else cell

    @api.model
    def _get_records_action(self, name, domain):
        """Return a window action of this module with other records in its lists and forms."""
        action = self.env['ir.actions.act_window']._for_xml_id(f'sales_funnel_mgmt.{name}')
        views = [(id_, type_) for id_, type_ in action['views'] if type_ in {'list', 'form'}]
        return {
            **action,
            'domain': list(domain),
            'views': views,
            'view_mode': ','.join(type_ for _id, type_ in views),
        }

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_funnel(self, domain, mode='now', split=None, period='this_month'):
        """Return the figures of the funnel view.

        The figures come from the reports, within the access rights of the user. Conditions of the
        domain on salesperson, team and company apply to the stay, all others to the opportunity
        today.

        :param list domain: Domain on `crm.lead`.
        :param str mode: One of `MODES`.
        :param str split: One of `SPLITS`: a funnel for each; falsy: one for all.
        :param period: Name of a period of `PERIODS`, or its first and its last day (as text). In
            mode *now* it only sets the day to compare with.
        :return: `funnels`, each with a cell for each stage of `stages`; `period` and `compared_with`
            (days, as text); `mode_name` and `formula`, to be shown beside the figures. A figure that
            there is none of is False.
        :rtype: dict
        """
        report = self._get_mode(mode, split, period)
        cells = report._get_funnel_cells(self._translate_domain(self._check_domain(domain)), split)
        name, formula = report._get_funnel_texts()
        return without_none({
            'mode': mode,
            'mode_name': name,
            'formula': formula,
            'split': split or False,
            'period': [str(day) for day in period_dates(report.env)],
            'compared_with': [str(day) for day in report._get_funnel_comparison()],
            'currency_id': self.env.company.currency_id.id,
            **arrange(report, cells, split),
        })

    @api.model
    def _get_mode(self, mode, split, period):
        """Return the report of a mode in the context of the period.

        :raise UserError: If the mode, split or period does not exist.
        """
        if not isinstance(mode, str) or mode not in MODES:
            raise UserError(self.env._("The funnel has no mode named “%(name)s”.", name=mode))
        if split and (not isinstance(split, str) or split not in SPLITS):
            raise UserError(self.env._("A funnel is split by sales team or salesperson only."))
        report = with_period(self.env[MODES[mode]], period)
        period_dates(report.env)
        return report

    @api.model
    def _check_domain(self, domain):
        Lead = self.env['crm.lead']
        try:
            result = Domain(domain)
            result.validate(Lead)
            # Odoo lets pass what PostgreSQL refuses, such as an ID that is too large.
            with self.env.cr.savepoint(flush=False):
                Lead.search(result, limit=1)
        except (TypeError, ValueError, AttributeError, LookupError, DataError) as error:
            raise UserError(
                self.env._(
                    "These filters do not make a domain on opportunities: %(error)s", error=error
                )
            ) from error
        return result

    @api.model
    def _translate_domain(self, domain):
        """Translate a domain on `crm.lead` into one on the reports of stays."""

        def translate(condition):
            name = condition.field_expr
            if name.split('.')[0] in STAY_FIELDS:
                return condition
            if name == 'type' and condition.operator == '=' and condition.value == 'opportunity':
                # Every stay belongs to an opportunity, even if that has been deleted.
                return Domain.TRUE
            return Domain('lead_id', 'any', condition)

        return domain.map_conditions(translate)
