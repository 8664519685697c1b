"""Find the sales periods of a company, which follow its fiscal year."""

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools

from odoo.addons.base.models.res_partner import _tz_get

from .months import LENGTHS, MID_MONTH, months_of_period, start_of_period


class ResCompany(models.Model):
    _inherit = 'res.company'

    show_sales_funnel_setup = fields.Boolean(
        string="Setup Steps",
        default=True,
        help="Sales administrators see on the overview what should be looked at once after installing, "
        "and what is missing.",
    )

    sales_tz = fields.Selection(
        selection=_tz_get,
        string="Sales Time Zone",
        compute='_compute_sales_tz',
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Wins, orders and periods of reports belong to the days of this time zone, for all who "
        "read them. By default, that of the company's working hours. A change reads the past in the new "
        "time zone, too; all-day meetings keep their day.",
    )

    @api.depends()
    def _compute_sales_tz(self):
        # Once: what a period says must not change because working hours do.
        for company in self:
            company.sales_tz = (
                company.sales_tz
                or company.resource_calendar_id.tz
                or company.partner_id.tz
                or self.env.user.tz
                or 'UTC'
            )

    # === CRUD METHODS === #

    def cache_invalidation_fields(self):
        """Override to forget how many currencies there are when a company changes its own."""
        return super().cache_invalidation_fields() | {'currency_id'}

    # === BUSINESS METHODS === #

    @api.model
    @tools.ormcache()
    def _has_several_currencies(self):
        """Return whether the companies of the database have different currencies."""
        # In sudo mode: all companies are counted, since record rules decide about the rows.
        companies_sudo = self.sudo().with_context(active_test=False)
        return len(companies_sudo._read_group([], ['currency_id'])) > 1

    def _get_sales_zone(self):
        """Return the time zone of the company's days, of `pytz`."""
        return pytz.timezone(self.sales_tz or 'UTC')

    def _get_sales_day(self, moment):
        """Return the day of a moment (UTC) in the company."""
        return pytz.utc.localize(moment).astimezone(self._get_sales_zone()).date()

    def _get_sales_today(self):
        """Return the day that it is in the company."""
        return fields.Date.context_today(self.with_context(tz=self.sales_tz))

    def _get_fiscal_first_month(self):
        """Return the first month (1-12) of the year.

        It is the month of the fiscal year if Odoo's accounting is installed, else January. Sales
        quotas are for whole months, so a fiscal year that begins within a month counts from the
        nearest first day of a month.
        """
        self.ensure_one()
        # These fields belong to accounting, on which the addon does not depend.
        if 'fiscalyear_last_month' not in self._fields:
            return 1
        last_month = int(self.fiscalyear_last_month)
        if self.fiscalyear_last_day < MID_MONTH:
            return last_month
        return last_month % 12 + 1

    def _get_sales_period(self, day, kind):
        """Return the first days of the months of the period that contains a day.

        :param date day: Any day of the period.
        :param str kind: 'month', 'quarter', 'half_year' or 'year'.
        """
        start = start_of_period(day, kind, self._get_fiscal_first_month())
        return months_of_period(start, kind)

    def _get_named_sales_period(self, day, name):
        """Return the first days of the months of a named period, relative to a day.

        :param str name: One of `NAMED_PERIODS`.
        """
        when, _separator, kind = name.partition('_')
        back = relativedelta(months=LENGTHS[kind] if when == 'last' else 0)
        return [month - back for month in self._get_sales_period(day, kind)]

    def _get_sales_year_label(self, months):
        """Return the name of a year: '2026', or '2026-2027' unless it begins in January."""
        first, last = months[0].year, months[LENGTHS['year'] - 1].year
        return str(first) if first == last else f'{first}-{last}'
