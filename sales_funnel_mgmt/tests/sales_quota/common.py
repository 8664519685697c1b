"""Provide users, months and helpers for the tests of sales quotas."""

from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from odoo.tests import freeze_time

from ..common import TestQuotaRateCommon

# a Wednesday in the second half-year
NOW = datetime(2026, 7, 15, 10)


class TestSalesQuotaCommon(TestQuotaRateCommon):
    """Common class for quotas of the users of `TestQuotaRateCommon` in July 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.company = cls.env.company
        cls.seller = cls.user_sales_leads
        cls.other_seller = cls.user_sales_salesman
        # Odoo's own test data has opportunities of these users.
        cls.env['crm.lead'].with_context(active_test=False).search([
            ('user_id', 'in', (cls.seller + cls.other_seller).ids)
        ]).unlink()
        cls.months = [date(2026, 7, 1) + relativedelta(months=number) for number in range(6)]

    @classmethod
    def _create_quota(cls, amount, user=None, month='2026-07-01', **values):
        return cls.env['crm.sales.quota'].create({
            'user_id': (cls.seller if user is None else user).id,
            'month': month,
            'amount': amount,
            **values,
        })

    @classmethod
    def _win(cls, revenue, day, **values):
        """Win an opportunity at a moment, given in UTC."""
        with freeze_time(day):
            lead = cls._create_opportunity(expected_revenue=revenue, **values)
            lead.stage_id = cls.stage_won
            cls.env.flush_all()
        return lead

    def _figures(self, domain=(), groupby=(), measures=('quota', 'actual', 'attainment'), env=None):
        """Return the rows of a pivot of the report, for both salespeople: {group: (measures)}."""
        report = (env or self.env)['crm.quota.report']
        aggregates = [f"{name}:{report._fields[name].aggregator}" for name in measures]
        rows = report._read_group(
            [('user_id', 'in', (self.seller + self.other_seller).ids), *domain],
            groupby,
            aggregates,
        )
        # The ORM returns False for NULL.
        rows = [tuple(None if value is False else value for value in row) for row in rows]
        size = len(groupby)
        return {row[0] if size == 1 else row[:size]: tuple(row[size:]) for row in rows}
