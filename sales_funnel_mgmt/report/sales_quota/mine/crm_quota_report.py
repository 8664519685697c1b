"""Compare a salesperson's own quotas with the actuals of month, quarter, half-year and year."""

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.date_utils import end_of

from ....models.base.arguments import without_none
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
            [
                ('user_id', '=', self.env.uid),
                ('company_id', '=', company.id),
                ('date', '>=', year[0]),
                ('date', '<=', end_of(year[-1], 'month')),
            ],
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
