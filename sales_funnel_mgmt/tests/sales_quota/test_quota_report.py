"""Test the report on quota vs. actual."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users
from odoo.tools import SQL

from .common import TestSalesQuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestQuotaReport(TestSalesQuotaCommon):
    """Compare the report with figures computed by hand."""

    def test_worked_example(self):
        """A quota taken from the funnel leads to wins and the attainment of every period."""
        self._create_opportunity(date_deadline='2026-07-20')
        self._create_opportunity(
            stage_id=self.stage_late.id, expected_revenue=1_000_000, date_deadline='2026-09-05'
        )
        self._create_opportunity(
            stage_id=self.stage_late.id, expected_revenue=500_000, date_deadline='2026-11-05'
        )
        self.env['crm.sales.quota']._take_from_funnel(
            self.seller, self.company, self.months, 'closing'
        ).action_confirm()
        # July 1,000,000; September 600,000; November 300,000: half-year 1,900,000.
        self._win(800_000, '2026-07-14 10:00:00')
        self._win(450_000, '2026-09-14 10:00:00')
        self._win(700_000, '2026-08-14 10:00:00')
        by_month = self._figures(groupby=['date:month'])
        self.assertEqual(by_month[date(2026, 7, 1)], (1_000_000, 800_000, 0.8))
        self.assertEqual(by_month[date(2026, 8, 1)], (0, 700_000, None))
        self.assertEqual(by_month[date(2026, 9, 1)], (600_000, 450_000, 0.75))
        self.assertEqual(by_month[date(2026, 11, 1)], (300_000, None, 0))
        by_quarter = self._figures(groupby=['quarter'])
        self.assertEqual(by_quarter['2026 Q3'], (1_600_000, 1_950_000, 1.21875))
        half_year = self._figures(groupby=['half_year'])['2026 H2']
        self.assertEqual(half_year[:2], (1_900_000, 1_950_000))
        self.assertAlmostEqual(half_year[2], 1.0263157, 6)
        self.assertEqual(self._figures(groupby=['year'])['2026'], half_year)
        self.assertEqual(self._figures([('period', '=', 'this_year')])[()], half_year)
        # All levels of a pivot at once, as requested by the web client.
        sets = self.env['crm.quota.report'].formatted_read_grouping_sets(
            [('user_id', '=', self.seller.id)],
            [[], ['user_id'], ['user_id', 'date:quarter']],
            [
                'quota:sum',
                'quota:sum_currency',
                'currency_id:array_agg_distinct',
                'actual:sum',
                'attainment:avg',
                'gap:sum',
            ],
        )
        self.assertAlmostEqual(sets[0][0]['attainment:avg'], 1.0263157, 6)
        self.assertEqual(sets[0][0]['gap:sum'], 50_000)
        self.assertEqual(sets[2][0]['attainment:avg'], 1.21875)

    def test_attainment_is_credit_for_good(self):
        """A later handover of won customers, or a changed rate, does not change the attainment."""
        self._create_quota(1000, state='confirmed')
        lead = self._win(600, '2026-07-10 10:00:00')
        before = self._figures(groupby=['user_id'])
        self.assertEqual(before, {self.seller: (1000, 600, 0.6)})
        lead.user_id = self.other_seller
        self.stage_open.quota_rate = 77
        self.stage_late.quota_rate = 99
        self.assertEqual(self._figures(groupby=['user_id']), before)
        lead.action_archive()
        self.assertEqual(self._figures(groupby=['user_id']), before)
        lead.unlink()
        self.assertEqual(self._figures(groupby=['user_id']), before)

    def test_win_taken_back(self):
        self._create_quota(1000)
        lead = self._win(600, '2026-07-10 10:00:00')
        lead.stage_id = self.stage_open
        self.assertEqual(self._figures()[()], (1000, None, 0))

    def test_measures(self):
        self._create_quota(1000)
        self._win(600, '2026-07-10 10:00:00')
        # 20 % of 1,500 = 300 closing in July, 20 % of 10,000 in August
        self._create_opportunity(expected_revenue=1500, date_deadline='2026-07-31')
        self._create_opportunity(expected_revenue=10_000, date_deadline='2026-08-01')
        measures = ('quota', 'actual', 'gap', 'open_quota_amount', 'projection', 'coverage')
        july = [('period', '=', 'this_month')]
        self.assertEqual(
            self._figures(july, measures=measures)[()], (1000, 600, -400, 300, 900, 0.75)
        )
        self._win(400, '2026-07-12 10:00:00')
        self.assertEqual(
            self._figures(july, measures=measures)[()],
            (1000, 1000, 0, 300, 1300, None),
            "nothing remains to be covered",
        )

    def test_no_quota_is_no_quota(self):
        self._win(600, '2026-07-10 10:00:00')
        self._create_opportunity(date_deadline='2026-07-31')
        measures = ('attainment', 'coverage')
        self.assertEqual(self._figures(measures=measures)[()], (None, None))
        self._create_quota(0)
        self.assertEqual(self._figures(measures=measures)[()], (None, None))

    def test_status(self):
        """The status is that of a salesperson's month, and serves to group and filter."""
        self._create_quota(1000)
        self._create_quota(500, month='2026-08-01')
        self._create_quota(100, month='2026-09-01')
        self._win(600, '2026-07-10 10:00:00')
        self._win(500, '2026-08-10 10:00:00')
        self._win(101, '2026-09-10 10:00:00')
        self._win(7, '2026-10-10 10:00:00')
        found = self._figures(groupby=['status'], measures=('quota', 'actual'))
        self.assertEqual(
            found,
            {
                'below': (1000, 600),
                'met': (500, 500),
                'exceeded': (100, 101),
                'no_quota': (None, 7),
            },
        )
        rows = self.env['crm.quota.report'].search([
            ('user_id', '=', self.seller.id),
            ('status', '=', 'below'),
        ])
        self.assertEqual(rows.mapped('kind'), ['won', 'quota'])
        own = self._create_quota(9, user=self.env['res.users'], team_id=self.sales_team_1.id)
        row = self.env['crm.quota.report'].search([('quota_id', '=', own.id)])
        self.assertFalse(row.status, "a team's own quota is no salesperson's without quota")

    def test_time_zone(self):
        """A win of the 31st in UTC counts on the 1st in the time zone of the company."""
        self._create_quota(100)
        self._create_quota(100, month='2026-08-01')
        self._win(60, '2026-07-31 23:30:00')
        self._win(10, '2026-08-01 06:30:00')

        def actuals(zone, reader_zone='UTC'):
            self.company.sales_tz = zone
            env = self.env(context={**self.env.context, 'tz': reader_zone})
            found = self._figures(groupby=['date:month'], measures=('actual',), env=env)
            return found.get(date(2026, 7, 1)), found.get(date(2026, 8, 1))

        self.assertEqual(actuals('UTC'), ((60,), (10,)))
        self.assertEqual(actuals('Europe/Brussels'), ((None,), (70,)))
        self.assertEqual(actuals('America/Los_Angeles'), ((70,), (None,)))
        # whoever reads
        for reader_zone in (
            'Europe/Brussels',
            'America/Los_Angeles',
            "x'; DROP TABLE crm_lead; --",
        ):
            self.assertEqual(actuals('UTC', reader_zone), ((60,), (10,)))
        # a company far away
        self.env['res.company'].create({'name': "Elsewhere", 'sales_tz': 'Pacific/Kiritimati'})
        self.assertEqual(actuals('America/Los_Angeles'), ((70,), (None,)))

    def _actual_by_kind(self, leads):
        self.env.flush_all()
        return {
            lead: [
                (row.kind, str(row.date), row.actual)
                for row in self.env['crm.quota.report'].search(
                    [('lead_id', '=', lead.id), ('kind', 'in', ['won', 'correction'])], order='id'
                )
            ]
            for lead in leads
        }

    def test_corrected_amount_counts_on_its_own_day(self):
        """A later correction counts in the same way after a second won stage, a handover or a new team."""
        delivered = self.env['crm.stage'].create({
            'name': "Delivered",
            'is_won': True,
            'sequence': 99,
        })
        leads = self.env['crm.lead']
        for _number in range(5):
            leads += self._win(1000, '2026-05-10 10:00:00')
        leads[1].stage_id = delivered
        leads[2].user_id = self.other_seller
        leads[3].team_id = self.env['crm.team'].create({'name': "Other"})
        leads[4].action_archive()
        self.env.flush_all()
        leads.with_user(self.user_sales_manager).write({'expected_revenue': 900})
        self.env.flush_all()
        leads[4].action_unarchive()
        found = self._actual_by_kind(leads)
        for lead in leads:
            self.assertEqual(
                sorted(found[lead]),
                [('correction', '2026-07-15', -100), ('won', '2026-05-10', 1000)],
            )
        corrections = self.env['crm.win.correction'].search([
            ('stay_id.lead_id', 'in', leads[:4].ids)
        ])
        self.assertEqual(corrections.corrected_by_id, self.user_sales_manager)
        self.assertEqual(corrections.user_id, self.seller)
        # the win is taken back, and its correction with it
        leads.stage_id = self.stage_late
        self.assertFalse(any(self._actual_by_kind(leads).values()))
        # won again: with the amount of that day
        leads[0].stage_id = self.stage_won
        self.assertEqual(self._actual_by_kind(leads[0])[leads[0]], [('won', '2026-07-15', 900)])

    def test_corrected_day(self):
        lead = self._win(1000, '2026-07-03 10:00:00')
        correct = self.env['crm.win.correction'].with_user(self.user_sales_manager)._correct_day
        correct(lead.with_user(self.user_sales_manager), date(2026, 6, 30), "Signed in June")
        self.assertEqual(
            sorted(self._actual_by_kind(lead)[lead]),
            [
                ('correction', '2026-06-30', 1000),
                ('correction', '2026-07-03', -1000),
                ('won', '2026-07-03', 1000),
            ],
        )
        self.assertIn("Signed in June", lead.message_ids[0].body)
        self.assertEqual(lead.date_closed.date(), date(2026, 6, 30))
        correct(lead.with_user(self.user_sales_manager), date(2026, 6, 29), "In fact on the 29th")
        by_month = self._figures(groupby=['date:day'], measures=('actual',))
        self.assertEqual(by_month[date(2026, 6, 29)], (1000,))
        self.assertEqual(by_month[date(2026, 6, 30)], (0,))
        self.assertEqual(by_month[date(2026, 7, 3)], (0,))

    def test_corrected_day_refused(self):
        lead = self._win(1000, '2026-07-03 10:00:00')
        lead_open = self._create_opportunity()
        day = date(2026, 6, 30)
        for user, lead_, day_, reason, error in (
            (self.seller, lead, day, "Why", AccessError),
            (self.user_sales_manager, lead, day, "  ", UserError),
            (self.user_sales_manager, lead, date(2026, 7, 16), "Why", UserError),
            (self.user_sales_manager, lead_open, day, "Why", UserError),
        ):
            with self.assertRaises(error):
                self.env['crm.win.correction'].with_user(user)._correct_day(
                    lead_.with_user(user), day_, reason
                )

    def test_nobody_writes_corrections(self):
        lead = self._win(1000, '2026-07-03 10:00:00')
        lead.expected_revenue = 900
        self.env.flush_all()
        for user in self.seller + self.user_sales_manager:
            correction = (
                self
                .env['crm.win.correction']
                .with_user(user)
                .search([('stay_id.lead_id', '=', lead.id)])
            )
            self.assertEqual(len(correction), 1)
            for attempt in (
                lambda correction=correction: correction.write({'amount': 5}),
                correction.unlink,
                correction.copy,
            ):
                with self.assertRaises(AccessError):
                    attempt()
        self.assertFalse(
            self
            .env['crm.win.correction']
            .with_user(self.other_seller)
            .search([('stay_id.lead_id', '=', lead.id)])
        )

    def test_imported_win_counts_on_its_closing_date(self):
        values = {'expected_revenue': 1000, 'date_closed': '2025-03-10 10:00:00'}
        created = self._create_opportunity(stage_id=self.stage_won.id, **values)
        written = self._win(0, '2025-02-01 10:00:00')
        written.stage_id = self.stage_late
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_stage_history SET entered_at = '2025-03-01' WHERE lead_id = %s AND left_at IS NULL",
            [written.id],
        )
        self.env.invalidate_all()
        written.write({'stage_id': self.stage_won.id, **values})
        # not before it was in the stage that it was won from
        early = self._create_opportunity()
        self.env.flush_all()
        early.write({'stage_id': self.stage_won.id, **values})
        for lead, day in (
            (created, date(2025, 3, 10)),
            (written, date(2025, 3, 10)),
            (early, fields.Date.context_today(early)),
        ):
            rows = self.env['crm.quota.report'].search([
                ('lead_id', '=', lead.id),
                ('kind', '=', 'won'),
            ])
            self.assertEqual(rows.mapped('date'), [day])
            self.assertFalse(
                lead.stage_history_ids.filtered(
                    lambda stay: stay.left_at and stay.left_at < stay.entered_at
                )
            )
        # a date in the future, or one that is written later, moves nothing
        created.date_closed = '2025-01-01 10:00:00'
        self.env.flush_all()
        self.assertEqual(str(created.stage_history_ids.entered_at), '2025-03-10 10:00:00')
        future = self._create_opportunity(
            stage_id=self.stage_won.id, date_closed='2199-01-01 10:00:00'
        )
        self.assertLess(
            future.stage_history_ids.entered_at, fields.Datetime.now() + timedelta(days=1)
        )

    def test_salespeople_win_today(self):
        """Salespeople do not choose the period of a win: administrators set closing dates in the past."""
        past = {'date_closed': '2026-06-30 10:00:00'}
        lead = self._create_opportunity(user_id=self.seller.id)
        created = self._create_opportunity(user_id=self.seller.id)
        self.env.flush_all()
        Lead = self.env['crm.lead'].with_user(self.seller)
        win = {'stage_id': self.stage_won.id}
        values = {'name': "Win", 'type': 'opportunity', 'user_id': self.seller.id}

        def in_two_steps():
            self.seller.partner_id.with_user(self.seller).write({
                'opportunity_ids': [
                    Command.update(lead.id, win),
                    Command.update(lead.id, past),
                ]
            })

        for attempt in (
            lambda: lead.with_user(self.seller).write({**win, **past}),
            lambda: lead.with_user(self.seller).write(past),
            lambda: Lead.create({**values, **win, **past}),
            lambda: Lead.create({**values, 'active': False, 'probability': 0, **past}),
            lambda: Lead.with_context(default_date_closed=past['date_closed']).create({
                **values,
                **win,
            }),
            lambda: Lead.create([{**values, **win}, {**values, **win, **past}]),
            in_two_steps,
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
                self.env.flush_all()
        # Odoo's own routes
        lead.with_user(self.seller).action_set_won()
        created.with_user(self.seller).action_set_lost()
        Lead.create({**values, **win})
        self.assertEqual(lead.date_closed, fields.Datetime.now())
        self.user_sales_manager.company_ids += self.env.company
        lead = self._create_opportunity(user_id=self.seller.id)
        lead.with_user(self.user_sales_manager).write({**win, **past})

    def test_correction_is_in_the_currency_of_the_win(self):
        """An opportunity that was won in dollars is corrected in euros, in another company."""
        currency = self.env['res.currency'].create({'name': 'TQD', 'symbol': 'T', 'rounding': 0.01})
        company = self.env['res.company'].create({'name': "Abroad", 'currency_id': currency.id})
        self.env['res.currency.rate'].create({
            'currency_id': currency.id,
            'company_id': self.env.company.id,
            'name': '2026-01-01',
            'rate': 4,
        })
        lead = self._win(1000, '2026-07-03 10:00:00')
        lead.write({'company_id': company.id, 'team_id': False, 'user_id': False})
        self.env.flush_all()
        self.assertFalse(self._corrections(lead), "A move corrects nothing")
        lead.expected_revenue = 1400
        self.env.flush_all()
        self.assertEqual(self._corrections(lead).mapped('amount'), [100])

    def _corrections(self, lead):
        return self.env['crm.win.correction'].search([('stay_id.lead_id', '=', lead.id)])

    def test_import_page_offers_the_closing_date(self):
        fields_ = self.env['base_import.import'].get_fields_tree('crm.lead')
        self.assertIn('date_closed', [field['name'] for field in fields_])

    def test_two_companies_with_two_currencies(self):
        """Companies have their own currencies, and ratios of both use converted amounts."""
        second = self._create_company_abroad("Second", 10, since='2026-01-01')
        self.seller.company_ids += second
        team = self.env['crm.team'].create({'name': "Second team", 'company_id': second.id})
        self._create_quota(1000)
        quota = self._create_quota(20_000, company_id=second.id)
        self.assertEqual(quota.currency_id, second.currency_id)
        self._win(500, '2026-07-10 10:00:00')
        self._win(
            18_000, '2026-07-10 10:00:00', team_id=team.id, company_id=second.id, partner_id=False
        )
        found = self._figures(groupby=['company_id', 'currency_id'])
        self.assertEqual(
            found,
            {
                (self.company, self.company.currency_id): (1000, 500, 0.5),
                (second, second.currency_id): (20_000, 18_000, 0.9),
            },
        )
        # 1,000 + 2,000 of quota, 500 + 1,800 of orders
        self.assertAlmostEqual(self._figures()[()][2], 2300 / 3000)
        # In the other currency, that of the reader: 10,000 + 20,000 and 5,000 + 18,000.
        self.env['res.currency.rate'].create({
            'currency_id': self.company.currency_id.id,
            'name': '2026-01-01',
            'rate': 0.1,
            'company_id': second.id,
        })

    def test_opportunity_without_company_counts_for_the_salespersons(self):
        lead = self._win(500, '2026-07-10 10:00:00')
        self.env.cr.execute(
            "UPDATE crm_stage_history SET company_id = NULL WHERE lead_id = %s", [lead.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._figures(groupby=['company_id'], measures=('actual',)), {self.company: (500,)}
        )

    def test_fiscal_year(self):
        """Half-years, quarters and filters follow a fiscal year that begins in April."""
        self._create_quota(100, month='2026-03-01')
        self._create_quota(200, month='2026-04-01')
        self._create_quota(300, month='2026-09-01')
        self._create_quota(400, month='2026-10-01')
        Company, Report = type(self.env['res.company']), type(self.env['crm.quota.report'])
        with (
            patch.object(Company, '_get_fiscal_first_month', return_value=4),
            patch.object(Report, '_get_first_month', return_value=SQL("4")),
        ):
            self.assertEqual(
                self._figures(groupby=['half_year'], measures=('quota',)),
                {'2025-2026 H2': (100,), '2026-2027 H1': (500,), '2026-2027 H2': (400,)},
            )
            self.assertEqual(
                self._figures(groupby=['quarter'], measures=('quota',)),
                {
                    '2025-2026 Q4': (100,),
                    '2026-2027 Q1': (200,),
                    '2026-2027 Q2': (300,),
                    '2026-2027 Q3': (400,),
                },
            )
            self.assertEqual(
                self._figures(groupby=['year'], measures=('quota',)),
                {'2025-2026': (100,), '2026-2027': (900,)},
            )
            for period, quota in (
                ('this_year', 900),
                ('last_year', 100),
                ('this_half_year', 500),
                ('last_half_year', 100),
                ('this_quarter', 300),
                ('last_quarter', 200),
                ('this_month', None),
                ('last_month', None),
            ):
                with self.subTest(period):
                    found = self._figures([('period', '=', period)], measures=('quota',))
                    self.assertEqual(found.get((), (None,)), (quota,))

    def test_year_label_is_the_companys(self):
        company = self.company
        for first_month, label in ((1, '2026'), (4, '2026-2027'), (10, '2025-2026')):
            with patch.object(type(company), '_get_fiscal_first_month', return_value=first_month):
                months = company._get_sales_period(date(2026, 7, 15), 'year')
                self.assertEqual(company._get_sales_year_label(months), label)

    def test_drafts_can_be_left_out(self):
        self._create_quota(100)
        self._create_quota(200, month='2026-08-01', state='confirmed')
        self._win(50, '2026-07-10 10:00:00')
        self.assertEqual(self._figures()[()][:2], (300, 50))
        self.assertEqual(self._figures([('quota_state', '!=', 'draft')])[()][:2], (200, 50))

    def test_rows_open_their_source(self):
        quota = self._create_quota(100)
        lead = self._win(50, '2026-07-10 10:00:00')
        rows = self.env['crm.quota.report'].search([('user_id', '=', self.seller.id)])
        self.assertEqual(len(set(rows.ids)), len(rows))
        opened = {}
        for row in rows:
            action = row.action_open_source()
            opened[row.kind] = (action['res_model'], action['res_id'])
        self.assertEqual(opened['quota'], ('crm.sales.quota', quota.id))
        self.assertEqual(opened['won'], ('crm.lead', lead.id))
        # The same rows have the same ids.
        self._create_quota(7, month='2026-01-01')
        self.assertLessEqual(
            set(rows.ids),
            set(self.env['crm.quota.report'].search([('user_id', '=', self.seller.id)]).ids),
        )

    @users('user_sales_leads')
    def test_my_quota(self):
        self._create_quota(1000)
        self._create_quota(3000, month='2026-09-01')
        self._create_quota(50_000, month='2025-12-01')
        self._create_quota(9999, user=self.other_seller)
        self._win(600, '2026-07-10 10:00:00')
        self._win(3000, '2026-02-10 10:00:00')
        self._create_opportunity(expected_revenue=1500, date_deadline='2026-07-31')
        found = self.env['crm.quota.report'].get_my_quota()
        self.assertEqual(
            [
                [
                    period[name]
                    for name in (
                        'kind',
                        'quota',
                        'actual',
                        'attainment',
                        'needed',
                        'open_quota_amount',
                        'status',
                    )
                ]
                for period in found['periods']
            ],
            [
                ['month', 1000, 600, 0.6, 400, 300, 'below'],
                ['quarter', 4000, 600, 0.15, 3400, 300, 'below'],
                ['half_year', 4000, 600, 0.15, 3400, 300, 'below'],
                ['year', 4000, 3600, 0.9, 400, 300, 'below'],
            ],
        )
        self.assertEqual(len(found['months']), 12)
        february = found['months'][1]
        self.assertEqual(
            (february['quota'], february['actual'], february['attainment'], february['status']),
            (0, 3000, False, 'no_quota'),
        )
        self.assertEqual([month['is_current'] for month in found['months']].index(True), 6)

    def test_overdue_opportunities_are_expected_today(self):
        """An open opportunity whose closing date has passed is not expected in a month that has ended."""
        late = self._create_opportunity(expected_revenue=1000, date_deadline='2026-05-31')
        yesterday = self._create_opportunity(expected_revenue=1000, date_deadline='2026-07-14')
        today = self._create_opportunity(expected_revenue=1000, date_deadline='2026-07-15')
        undated = self._create_opportunity(expected_revenue=1000)
        rows = self.env['crm.quota.report'].search([
            ('lead_id', 'in', (late + yesterday + today + undated).ids)
        ])
        self.assertEqual(
            {row.lead_id: row.date for row in rows},
            {
                late: date(2026, 7, 15),
                yesterday: date(2026, 7, 15),
                today: date(2026, 7, 15),
                undated: False,
            },
        )
        measures = ('open_quota_amount', 'projection')
        self.assertEqual(
            self._figures([('date', '!=', False)], ['date:month'], measures),
            {date(2026, 7, 1): (600, 600)},
        )
