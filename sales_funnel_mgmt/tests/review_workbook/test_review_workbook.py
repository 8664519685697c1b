"""Test the figures and formulas of the review workbook."""

from unittest.mock import patch

from odoo.tests import tagged

from ...models.review_workbook.book import rows as rows_module
from ...models.review_workbook.book import writer as writer_module
from .common import TestReviewWorkbookCommon


@tagged('post_install', '-at_install', 'review_workbook')
class TestReviewWorkbook(TestReviewWorkbookCommon):
    """Compare the figures and formulas of the workbook with the reports."""

    def _reader(self, user):
        return self.env(
            user=user.id, su=False, context={'allowed_company_ids': user.company_ids.ids}
        )

    def test_formulas_give_the_values_beside_them(self):
        self.assertRecalculated(self._make(), least=150)

    def test_sheets(self):
        self.assertEqual(
            self._load(self._make()).sheetnames,
            [
                "Definitions",
                "Funnel",
                "Quota vs. Actual",
                "Quota by Month",
                "Stage Changes",
                "Stalled",
                "Communications",
                "Workload",
                "Handovers",
                "Rows – Quotas and Actuals",
                "Rows – Stage Changes",
                "Rows – Stays",
                "Rows – Stalled",
                "Rows – Opportunities",
                "Rows – Communications",
                "Rows – Handover Lines",
                "Rows – Handover Tasks",
            ],
        )

    def test_quota_and_actual(self):
        report = self._reader(self.boss)['crm.quota.report']
        for with_rows in (True, False):
            table = self._table(self._load(self._make(with_rows=with_rows))["Quota vs. Actual"])
            self.assertEqual(table[self.sam.name]["Quota"], 500)
            self.assertEqual(table[self.sam.name]["Actual"], 500)
            self.assertEqual(table[self.sam.name]["Attainment"], 1)
            self.assertEqual(table[self.lea.name]["Gap"], -700)
            first, last = self.today().replace(day=1), self._ask().date_to
            for user, *figures in report._read_group(
                [('date', '>=', first), ('date', '<=', last), ('kind', '!=', 'team_quota')],
                ['user_id'],
                [
                    'quota:sum',
                    'actual:sum',
                    'gap:sum',
                    'attainment:avg',
                    'open_quota_amount:sum',
                    'projection:sum',
                    'coverage:avg',
                ],
            ):
                row = table[user.name]
                for title, figure in zip(
                    (
                        "Quota",
                        "Actual",
                        "Gap",
                        "Attainment",
                        "Open Quota Amount",
                        "Projection",
                        "Coverage",
                    ),
                    figures,
                    strict=True,
                ):
                    self.assertAlmostEqual(row[title] or 0, figure or 0, 6, (user.name, title))

    def test_workload(self):
        table = self._table(self._load(self._make())["Workload"])
        rows = self._reader(self.boss)['crm.workload.report']._read_group(
            [],
            ['user_id'],
            [
                'customer_count:count_distinct',
                'opportunity_count:sum',
                'expected_revenue:sum',
                'quota_amount:sum',
                'won_customer_count:count_distinct',
            ],
        )
        self.assertTrue(rows)
        for user, *figures in rows:
            row = table[user.name]
            titles = (
                "Customers",
                "Opportunities",
                "Expected Revenue",
                "Quota Amount",
                "Won Customers",
            )
            self.assertEqual([row[title] for title in titles], figures, user.name)
        # contact_1 and contact_2 are customers of both salespeople, and one has bought from both.
        self.assertEqual(table[self.lea.name]["Share of Won Customers"], 1)
        self.assertEqual(table[self.sam.name]["Share of Won Customers"], 1)
        self.assertEqual(table["Total"]["Customers"], 2)
        self.assertEqual(table["Total"]["Won Customers"], 1)

    def test_funnel(self):
        sheet = self._load(self._make())["Funnel"]
        funnel = self._reader(self.boss)['crm.funnel.report'].get_funnel([], 'now')
        names = {stage['id']: stage['name'] for stage in funnel['stages']}
        cells = {names[cell['stage_id']]: cell for cell in funnel['funnels'][0]['cells']}
        table = self._table(sheet)
        self.assertEqual(table.keys(), cells.keys())
        for name, cell in cells.items():
            row = table[name]
            for title, key in (
                ("Customers", 'customers'),
                ("Opportunities", 'opportunities'),
                ("Expected Revenue", 'expected_revenue'),
                ("Quota Amount", 'quota_amount'),
                ("Stalled", 'stalled'),
                ("Conversion (Now)", 'conversion'),
            ):
                self.assertAlmostEqual(row[title] or 0, cell[key] or 0, 6, (name, title))

    def test_stage_changes(self):
        table = self._table(self._load(self._make())["Stage Changes"])
        self.assertEqual(table["(created)"]["Negotiation"], 7)
        self.assertEqual(table["Negotiation"]["Quotation"], 3)
        self.assertEqual(table["Negotiation"]["Lost"], 1)
        # Handed over in the same stage.
        self.assertEqual(table["Negotiation"]["Negotiation"], 1)
        count = self._reader(self.boss)['crm.stage.change.report'].search_count([])
        self.assertEqual(table["Total"]["Total"], count)

    def test_moves_from_a_stage_that_is_gone(self):
        """They come from an unknown stage, and are not counted as created."""
        gone = self.env['crm.stage'].create({'name': "Gone", 'sequence': 12})
        lead = self._create_opportunity(stage_id=gone.id, user_id=self.sam.id)
        self.env.flush_all()
        lead.stage_id = self.stage_late
        lost = self._create_opportunity(stage_id=gone.id, user_id=self.sam.id)
        self.env.flush_all()
        lost.action_set_lost()
        (lead + lost).flush_recordset()
        lost.stage_id = self.stage_late
        gone.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        content = self._make().file
        sheet = self._load(self._make())["Stage Changes"]
        table = self._table(sheet)
        self.assertTrue(content)
        self.assertEqual(table["Unknown Stage"]["Quotation"], 1)
        self.assertEqual(table["Unknown Stage"]["Lost"], 1)
        self.assertEqual(table["(created)"]["Quotation"] or 0, 0)
        self.assertEqual(table["(created)"]["Unknown Stage"], 2)

    def test_salespeople_and_teams(self):
        """The filters on salespeople and teams apply to all sheets."""
        workbook = self._make(user_ids=self.sam.ids, team_ids=self.sales_team_1.ids)
        book = self._load(workbook)
        for name in ("Quota vs. Actual", "Workload"):
            self.assertNotIn(self.lea.name, self._table(book[name]), name)
        self.assertIn(self.sam.name, self._table(book["Workload"]))
        texts = [cell.value for row in book["Definitions"].iter_rows() for cell in row]
        self.assertIn(self.sam.name, texts)
        self.assertIn(self.sales_team_1.name, texts)
        self.assertRecalculated(workbook, least=50)

    def test_text_is_never_a_formula(self):
        evil = ['=cmd|"/c calc"!A1', '+1+1', '-1', '@SUM(A1)', 'http://example.com/']
        for lead, name in zip(self.leads, evil, strict=False):
            lead.name = name
        self.sam.name = '=HYPERLINK("http://example.com")'
        self.stage_open.name = '=1+1'
        workbook = self._make()
        book = self._load(workbook)
        sheet = book["Rows – Opportunities"]
        names = {sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)}
        self.assertTrue(names.issuperset(set(evil) - {evil[3]}), names)
        for cell in (sheet.cell(row, 1) for row in range(2, sheet.max_row + 1)):
            self.assertEqual(cell.data_type, 's')
            self.assertIsNone(cell.hyperlink)
            self.assertEqual(bool(cell.quotePrefix), cell.value[0] in '=+-@')
        # The stored values are still right: the formulas do not depend on names.
        self.assertRecalculated(workbook, least=150)

    def test_long_texts_say_that_they_are_cut(self):
        self.leads[0].name = "x" * 40_000
        book = self._load(self._make())
        name = book["Rows – Opportunities"].cell(2, 1).value
        self.assertEqual(len(name), writer_module.MAX_TEXT)
        self.assertTrue(name.endswith("cell]"))
        notes = [row[2] for row in book["Definitions"].iter_rows(values_only=True) if row[2]]
        self.assertTrue([note for note in notes if "were cut" in note])

    def test_more_rows_than_a_sheet_holds(self):
        with patch.object(rows_module, 'ROWS_PER_SHEET', 4):
            workbook = self._make()
        names = self._load(workbook).sheetnames
        self.assertIn("Rows – Opportunities (2)", names)
        self.assertIn("Rows – Stays (3)", names)
        self.assertTrue(all(len(name) <= 31 for name in names))
        self.assertRecalculated(workbook, least=150)

    def test_read_in_batches(self):
        whole = self._table(self._load(self._make())["Workload"])
        with patch.object(rows_module, 'BATCH', 2):
            self.assertEqual(self._table(self._load(self._make())["Workload"]), whole)

    def test_names_that_two_share(self):
        self.sam.name = self.lea.name
        table = self._table(self._load(self._make())["Workload"])
        self.assertEqual(len([name for name in table if name.startswith(self.lea.name)]), 2)

    def test_without_rows(self):
        workbook = self._make(with_rows=False)
        self.assertFalse([name for name in self._load(workbook).sheetnames if "Rows" in name])
        self.assertEqual(workbook.row_count, 0)
        self.assertRecalculated(workbook, least=30)

    def test_nothing_there(self):
        self.env['crm.sales.quota'].sudo().search([]).unlink()
        self.leads.unlink()
        self.env['crm.stage.history'].sudo().search([]).unlink()
        self.assertRecalculated(self._make(), least=10)

    def test_language_and_time_zone(self):
        """Dates are Excel dates, of the day in the company, not in the time zone of the reader."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.boss.write({'lang': 'fr_FR', 'tz': 'America/Los_Angeles'})
        self.boss.company_id.sales_tz = 'Pacific/Kiritimati'
        book = self._load(self._make())
        sheet = book["Rows – Stays"]
        entered = {sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)}
        history = self.leads.sudo().stage_history_ids.mapped('entered_at')
        self.assertIn(14, {round((max(entered) - max(history)).total_seconds() / 3600)})
        self.assertTrue(sheet.cell(2, 1).is_date)

    def test_two_currencies(self):
        """Rows are in their own currency, figures in that of the company at the listed rates."""
        other = self.env.ref(
            'base.EUR' if self.env.company.currency_id.name != 'EUR' else 'base.USD'
        )
        other.active = True
        self.env['res.currency.rate'].create({
            'currency_id': other.id,
            'rate': 4,
            'name': '2020-01-01',
        })
        company = self.env['res.company'].create({'name': "Abroad", 'currency_id': other.id})
        self.boss.company_ids += company
        main = self.boss.company_id
        self._create_opportunity(
            name="Abroad",
            company_id=company.id,
            user_id=self.boss.id,
            team_id=False,
            expected_revenue=1000,
        )
        workbook = self._ask()
        self.assertEqual(workbook.company_ids, self.boss.company_ids)
        workbook.sudo().company_id = main
        workbook.action_make()
        book = self._load(workbook)
        self.assertEqual(self._table(book["Workload"])[self.boss.name]["Expected Revenue"], 250)
        sheet = book["Rows – Opportunities"]
        titles = [cell.value for cell in sheet[1]]
        [row] = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "Abroad"]
        cells = dict(zip(titles, row, strict=True))
        self.assertEqual(cells["Currency"].value, other.name)
        self.assertEqual(cells["Expected Revenue"].value, 1000)
        self.assertIn(other.symbol, cells["Expected Revenue"].number_format)
        self.assertEqual(cells["Rate"].value, 4)
        self.assertEqual(cells[f"Expected Revenue ({main.currency_id.name})"].value, 250)
        self.assertRecalculated(workbook, least=200)

    def test_number_of_queries_does_not_grow(self):
        counts = []
        for _batch in range(2):
            for number in range(20):
                self._create_opportunity(name=f"More {number}", user_id=self.lea.id)
            self.env.flush_all()
            self._make()
            workbook = self._ask()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            workbook.sudo()._make()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
