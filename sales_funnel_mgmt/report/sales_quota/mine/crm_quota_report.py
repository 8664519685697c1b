"""My Quota: how the salesperson who asks stands this month, quarter, half-year and year."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ....models.base.periods import LENGTHS

MEASURES = ('quota', 'actual', 'open_quota_amount')


class CrmQuotaReport(models.Model):
    _inherit = 'crm.quota.report'

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_my_quota(self):
        """Return the own figures in the current company: of each period, and of each month of the
        year.

        :return: `currency_id`; `periods` and `months`, lists of what `_get_standing` returns with
            `kind`, `label`, `date_from` and `date_to`, of a month also whether it `is_current`.
        :rtype: dict
        """
        company = self.env.company
        today = fields.Date.context_today(self)
        year = company._get_sales_period(today, 'year')
        rows = self._read_group(
            [
                ('user_id', '=', self.env.uid),
                ('company_id', '=', company.id),
                ('date', '>=', year[0]),
                ('date', '<', year[-1] + relativedelta(months=1)),
            ],
            ['date:month'],
            [f'{name}:sum' for name in MEASURES],
        )
        sums = {month: dict(zip(MEASURES, values, strict=True)) for month, *values in rows}
        periods = []
        for kind in LENGTHS:
            months = company._get_sales_period(today, kind)
            periods.append(self._get_my_period(kind, months, sums))
        return {
            'company': company.display_name,
            'currency_id': company.currency_id.id,
            'periods': periods,
            'months': [
                {
                    **self._get_my_period('month', [month], sums),
                    'is_current': month == today.replace(day=1),
                }
                for month in year
            ],
        }

    @api.model
    def _get_my_period(self, kind, months, sums):
        totals = {
            name: sum(sums[month][name] or 0 for month in months if month in sums)
            for name in MEASURES
        }
        label = " – ".join(
            format_date(self.env, month, date_format='MMM y')
            for month in dict.fromkeys((months[0], months[-1]))
        )
        return {
            'kind': kind,
            'label': label,
            'date_from': fields.Date.to_string(months[0]),
            'date_to': fields.Date.to_string(
                months[-1] + relativedelta(months=1) - relativedelta(days=1)
            ),
            **self._get_standing(**totals),
        }

    @api.model
    def _get_standing(self, quota, actual, open_quota_amount):
        """Return the figures of sums of the current company, by the formulas of the report.

        `attainment` and `coverage` are None where there is nothing to divide by; `needed` is what
        is missing, 0 where nothing is.
        """
        currency = self.env.company.currency_id
        difference = currency.compare_amounts(actual, quota)
        remaining = quota - actual if difference < 0 else 0
        if currency.is_zero(quota):
            status = 'no_quota'
        else:
            status = {-1: 'below', 0: 'met', 1: 'exceeded'}[difference]
        return {
            'quota': quota,
            'actual': actual,
            'open_quota_amount': open_quota_amount,
            'attainment': None if status == 'no_quota' else actual / quota,
            'needed': remaining,
            'projection': actual + open_quota_amount,
            'coverage': open_quota_amount / remaining if remaining else None,
            'status': status,
        }
