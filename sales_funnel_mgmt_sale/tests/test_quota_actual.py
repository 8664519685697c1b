"""Test the actuals of each source."""

from datetime import date

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TestQuotaActualCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaActual(TestQuotaActualCommon):
    """Compare the actuals with figures computed by hand."""

    def test_worked_example(self):
        """A quota taken from the funnel leads to orders and their attainment."""
        self._create_opportunity(date_deadline='2026-07-20')
        self._create_opportunity(
            stage_id=self.stage_late.id, expected_revenue=1_000_000, date_deadline='2026-09-05'
        )
        self.env['crm.sales.quota']._take_from_funnel(
            self.seller, self.company, self.months, 'closing'
        ).action_confirm()
        self._create_order(800_000, '2026-07-14 10:00:00')
        self._create_order(450_000, '2026-09-14 10:00:00')
        by_month = self._figures(groupby=['date:month'])
        self.assertEqual(by_month[date(2026, 7, 1)], (1_000_000, 800_000, 0.8))
        self.assertEqual(by_month[date(2026, 9, 1)], (600_000, 450_000, 0.75))
        expected = (1_600_000, 1_250_000, 0.78125)
        for groupby in (['quarter'], ['half_year'], ['year'], []):
            with self.subTest(groupby):
                [found] = [row for row in self._figures(groupby=groupby).values() if row[0]]
                self.assertEqual(found, expected)

    def test_which_orders(self):
        """Confirmed orders count untaxed, and their won opportunities do not count again."""
        order = self._create_order(100, '2026-07-10 10:00:00')
        self.assertEqual(order.amount_total, 110)
        self._create_order(1)
        self._create_order(2).action_quotation_sent()
        self._create_order(4, '2026-07-10 10:00:00')._action_cancel()
        lead = self._win(500, '2026-07-10 10:00:00')
        order.opportunity_id = lead
        [row] = self.env['crm.quota.report'].search([
            ('user_id', '=', self.seller.id),
            ('actual', '!=', 0),
        ])
        self.assertRecordValues(
            row,
            [
                {
                    'kind': 'order',
                    'actual': 100,
                    'date': date(2026, 7, 10),
                    'order_id': order.id,
                    'lead_id': lead.id,
                    'team_id': self.sales_team_1.id,
                    'company_id': self.company.id,
                }
            ],
        )
        action = row.action_open_source()
        self.assertEqual((action['res_model'], action['res_id']), ('sale.order', order.id))
        order._action_cancel()
        self.assertEqual(self._figures(measures=('actual',))[()], (None,))

    def test_credit_stays_with_the_order(self):
        """Later salespeople and quota rates do not change the actual of an order."""
        self._create_quota(1000)
        lead = self._create_opportunity()
        self._create_order(600, '2026-07-10 10:00:00', opportunity_id=lead.id)
        july = [('period', '=', 'this_month')]
        before = self._figures(july, groupby=['user_id'])
        self.assertEqual(before[self.seller], (1000, 600, 0.6))
        lead.user_id = self.other_seller
        self.customer.user_id = self.other_seller
        self.stage_open.quota_rate = 99
        self.assertEqual(self._figures(july, groupby=['user_id'])[self.seller], (1000, 600, 0.6))

    def test_rate_that_changes_within_the_month(self):
        """An order keeps the currency rate of its own date."""
        foreign = self.env['res.currency'].create({
            'name': 'TQC',
            'symbol': 'T',
            'rounding': 0.01,
        })
        rates = self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in (('2026-07-01', 4), ('2026-07-16', 3))
        ])
        pricelist = self.env['product.pricelist'].create({
            'name': "Foreign",
            'currency_id': foreign.id,
        })
        for day in ('2026-07-10 10:00:00', '2026-07-20 10:00:00'):
            self._create_order(1000, day, pricelist_id=pricelist.id)
        # 1,000 / 4 and 1,000 / 3, rounded to cents.
        self.assertEqual(self._figures(measures=('actual',))[()], (583.33,))
        rates.unlink()
        self.assertEqual(self._figures(measures=('actual',))[()], (583.33,))

    def test_two_companies_with_two_currencies(self):
        """One company counts orders, the other one won opportunities."""
        second = self._create_company_abroad("Second", 10, since='2026-01-01')
        self.assertEqual(second.quota_actual_source, 'order')
        second.quota_actual_source = 'won'
        self.seller.company_ids += second
        team = self.env['crm.team'].create({'name': "Second team", 'company_id': second.id})
        self._create_quota(1000)
        self._create_quota(20_000, company_id=second.id)
        self._create_order(500, '2026-07-10 10:00:00')
        for company, team_of_company in ((self.company, self.sales_team_1), (second, team)):
            self._win(
                18_000,
                '2026-07-10 10:00:00',
                team_id=team_of_company.id,
                company_id=company.id,
                partner_id=False,
            )
        self.assertEqual(
            self._figures(groupby=['company_id', 'currency_id']),
            {
                (self.company, self.company.currency_id): (1000, 500, 0.5),
                (second, second.currency_id): (20_000, 18_000, 0.9),
            },
        )
        self.assertAlmostEqual(self._figures()[()][2], 2300 / 3000)

    def test_time_zone(self):
        """An order of the 31st in UTC counts on the 1st in the time zone of the company."""
        self._create_order(60, '2026-07-31 23:30:00')

        def month(zone):
            self.company.sales_tz = zone
            for reader_zone in ('UTC', 'Asia/Shanghai'):
                env = self.env(context={**self.env.context, 'tz': reader_zone})
                [found] = self._figures(groupby=['date:month'], measures=('actual',), env=env)
            return found

        self.assertEqual(month('UTC'), date(2026, 7, 1))
        self.assertEqual(month('Europe/Brussels'), date(2026, 8, 1))
        self.assertEqual(month('America/New_York'), date(2026, 7, 1))

    def test_setting(self):
        """The source chosen by the company decides which records count."""
        self._win(500, '2026-07-10 10:00:00')
        self._create_order(100, '2026-07-10 10:00:00')
        for source, actual in (('won', 500), ('order', 100), ('invoice', None)):
            with self.subTest(source):
                settings = Form(self.env['res.config.settings'])
                settings.quota_actual_source = source
                settings.save().execute()
                self.assertEqual(self.company.quota_actual_source, source)
                self.assertEqual(
                    self._figures(groupby=['user_id'], measures=('actual',)),
                    {self.seller: (actual,)},
                )

    def test_each_opportunity_counts_once(self):
        """Ordered while it is open, won without an order: an opportunity counts once in the projection."""
        self._create_accounts()
        self.stage_open.quota_rate = 75

        def figures():
            measures = ('actual', 'open_quota_amount', 'projection')
            return tuple(figure or 0 for figure in self._figures(measures=measures)[()])

        def expect(**expected):
            for source, wanted in expected.items():
                self.company.quota_actual_source = source
                self.assertEqual(figures(), wanted, source)

        lead = self._create_opportunity(expected_revenue=1000, date_deadline='2026-07-20')
        expect(won=(0, 750, 750), order=(0, 750, 750), invoice=(0, 750, 750))
        order = self._create_order(1000, opportunity_id=lead.id)
        expect(order=(0, 750, 750))
        order.action_confirm()
        expect(won=(0, 750, 750), order=(1000, 0, 1000), invoice=(0, 750, 750))
        lead.expected_revenue = 1400
        expect(order=(1000, 300, 1300))
        lead.expected_revenue = 1000
        lead.stage_id = self.stage_won
        expect(won=(1000, 0, 1000), order=(1000, 0, 1000), invoice=(0, 1000, 1000))
        invoice = order._create_invoices()
        expect(invoice=(0, 1000, 1000))
        invoice.invoice_line_ids.price_unit = 400
        invoice.invoice_date = '2026-07-15'
        invoice.action_post()
        expect(order=(1000, 0, 1000), invoice=(400, 600, 1000))
        order._action_cancel()
        expect(won=(1000, 0, 1000), order=(0, 1000, 1000))

    def test_wins_to_be_ordered(self):
        """A win without an order counts on its day, with its corrections, for who won it."""
        lead = self._win(500, '2026-06-10 10:00:00')
        lead.user_id = self.other_seller
        lead.expected_revenue = 600
        [row] = self.env['crm.quota.report'].search([('lead_id', '=', lead.id)])
        self.assertRecordValues(
            row,
            [
                {
                    'kind': 'outstanding',
                    'date': date(2026, 6, 10),
                    'user_id': self.seller.id,
                    'open_quota_amount': 600,
                    'actual': False,
                }
            ],
        )
        self.assertEqual(row.action_open_source()['res_id'], lead.id)
        lead.stage_id = self.stage_open
        self.assertEqual(
            self.env['crm.quota.report'].search([('lead_id', '=', lead.id)]).kind, 'open'
        )

    def _create_accounts(self):
        self.env['account.chart.template'].try_loading(
            'generic_coa', self.company, install_demo=False
        )

    def test_invoices(self):
        """Posted invoices count untaxed, less credit notes, in the company's currency."""
        self.company.quota_actual_source = 'invoice'
        self._create_accounts()
        self._create_order(7, '2026-07-10 10:00:00')

        def invoice(amount, move_type='out_invoice', day='2026-07-12', **values):
            return self.env['account.move'].create({
                'move_type': move_type,
                'partner_id': self.customer.id,
                'invoice_user_id': self.seller.id,
                'invoice_date': day,
                'invoice_line_ids': [
                    Command.create({
                        'product_id': self.product.id,
                        'price_unit': amount,
                        'tax_ids': [Command.clear()],
                    })
                ],
                **values,
            })

        posted = invoice(1000) + invoice(100, 'out_refund') + invoice(5, day='2026-08-01')
        posted.action_post()
        invoice(50)
        self.assertEqual(
            self._figures(groupby=['date:month'], measures=('actual',)),
            {date(2026, 7, 1): (900,), date(2026, 8, 1): (5,)},
        )
        row = self.env['crm.quota.report'].search([('invoice_id', '=', posted[0].id)])
        self.assertEqual(row.kind, 'invoice')
        self.assertEqual(row.action_open_source()['res_id'], posted[0].id)

    def test_fiscal_year_of_accounting(self):
        """Sales periods follow the fiscal year of accounting, in Python and in SQL."""
        self._create_quota(100, month='2026-03-01')
        self._create_quota(200, month='2026-04-01')
        self._create_quota(400, month='2026-10-01')
        self.company.write({'fiscalyear_last_month': '3', 'fiscalyear_last_day': 31})
        self.assertEqual(
            self.company._get_sales_period(date(2026, 7, 15), 'year')[0], date(2026, 4, 1)
        )
        self.assertEqual(
            self._figures(groupby=['half_year'], measures=('quota',)),
            {'2025-2026 H2': (100,), '2026-2027 H1': (200,), '2026-2027 H2': (400,)},
        )
        self.assertEqual(
            self._figures(groupby=['year'], measures=('quota',)),
            {'2025-2026': (100,), '2026-2027': (600,)},
        )
        self.assertEqual(
            self._figures([('period', '=', 'last_year')], measures=('quota',))[()], (100,)
        )

    def test_fiscal_year_that_begins_within_a_month(self):
        """A fiscal year that begins within a month counts from the nearest first of a month."""
        days = [date(2026, month, 1) for month in (3, 4, 5)]
        for day in days:
            self._create_quota(100, month=day)
        for last_month, last_day, first in (
            ('4', 5, '2026-04-01'),
            ('4', 14, '2026-04-01'),
            ('4', 15, '2026-05-01'),
            ('4', 30, '2026-05-01'),
            ('12', 31, '2026-01-01'),
            ('12', 1, '2025-12-01'),
            ('1', 5, '2026-01-01'),
        ):
            with self.subTest(month=last_month, day=last_day):
                self.company.write({
                    'fiscalyear_last_month': last_month,
                    'fiscalyear_last_day': last_day,
                })
                months = self.company._get_sales_period(date(2026, 7, 15), 'year')
                self.assertEqual(months[0], date.fromisoformat(first))
                # The SQL of the report gives the same result.
                label = self.company._get_sales_year_label(months)
                found = self._figures(groupby=['year'], measures=('quota',))
                self.assertEqual(found[label], (100 * sum(day >= months[0] for day in days),))

    def test_spread_by_last_years_orders(self):
        self._create_order(300, '2025-07-03 10:00:00')
        self._create_order(100, '2025-09-30 10:00:00')
        quotas = self.env['crm.sales.quota']._enter(
            self.seller, self.company, self.months, 1000, 'last_year'
        )
        self.assertEqual(quotas.mapped('amount'), [750, 0, 250, 0, 0, 0])
