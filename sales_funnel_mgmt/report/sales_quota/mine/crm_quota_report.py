"""Compare a salesperson's own quotas with the actuals of month, quarter, half-year and year."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.date_utils import end_of

from ....models.base.action import get_filtered_action
from ....models.base.arguments import get_day, without_none
from ....models.base.months import LENGTHS, first_of_month
from ....models.sales_quota.figures import AMOUNTS, get_standing


class CrmQuotaReport(models.Model):
    _inherit = 'crm.quota.report'

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_my_quota(self):
        """Return the user's own figures in the current company, by period and by month of the year.

        :return: `currency_id`; `periods` and `months`, lists of the figures of `get_standing` with
            `kind`, `label`, `date_from` and `date_to`; months also have `is_current`. A figure that
            there is none of is False.
        :rtype: dict
        """
        company = self.env.company
        today = company._get_sales_today()
        year = company._get_sales_period(today, 'year')
        rows = self._read_group(
            self._get_mine_domain()
            & Domain('date', '>=', year[0])
            & Domain('date', '<=', end_of(year[-1], 'month')),
            ['date:month'],
            [f'{name}:sum' for name in AMOUNTS],
        )
        sums = {month: dict(zip(AMOUNTS, values, strict=True)) for month, *values in rows}
        periods = []
        for kind in LENGTHS:
            months = company._get_sales_period(today, kind)
            periods.append(self._get_my_period(kind, months, sums))
        return without_none({
            'company': company.display_name,
            'currency_id': company.currency_id.id,
            'periods': periods,
            'months': [
                {
                    **self._get_my_period('month', [month], sums),
                    'is_current': month == first_of_month(today),
                }
                for month in year
            ],
        })

    @api.model
    @api.readonly
    def action_open_my_quota(self, date_from, date_to):
        """Open the rows behind the user's own figures of a period.

        :param date_from: First day, as text.
        :param date_to: Last day, as text.
        :return: Window action.
        :rtype: dict
        :raise UserError: If they are no days.
        """
        domain = (
            self._get_mine_domain()
            & Domain('date', '>=', get_day(self.env, date_from))
            & Domain('date', '<=', get_day(self.env, date_to))
        )
        action = get_filtered_action(self.env, 'crm_quota_report_action', domain)
        action['views'].sort(key=lambda view: view[1] != 'list')
        return action

    @api.model
    def _get_mine_domain(self):
        """Return the domain of the user's own rows in the current company."""
        return Domain('user_id', '=', self.env.uid) & Domain('company_id', '=', self.env.company.id)

    @api.model
    def _get_my_period(self, kind, months, sums):
        totals = {
            name: sum(sums[month][name] or 0 for month in months if month in sums)
            for name in AMOUNTS
        }
        label = " – ".join(
            format_date(self.env, month, date_format='MMM y')
            for month in dict.fromkeys((months[0], months[-1]))
        )
        return {
            'kind': kind,
            'label': label,
            'date_from': fields.Date.to_string(months[0]),
            'date_to': fields.Date.to_string(end_of(months[-1], 'month')),
            **get_standing(**totals, currency=self.env.company.currency_id),
        }
