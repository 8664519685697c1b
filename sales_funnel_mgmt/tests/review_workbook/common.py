"""Provide a funnel for the tests of the workbook, and recalculate its formulas."""

import base64
import re
from io import BytesIO

from openpyxl import load_workbook

from odoo.fields import Command

from ..common import TestQuotaRateCommon

REFERENCE = re.compile(
    r"(?:('(?:[^']|'')+'|[^\W\d]\w*)!)?(\$?[A-Z]+\$?\d+)(:\$?[A-Z]+\$?\d+)?(?![\w(])"
)


class Calculator:
    """A calculator of the formulas of a workbook, from its constants only."""

    def __init__(self, content):
        self.formulas = load_workbook(BytesIO(content))
        self.values = load_workbook(BytesIO(content), data_only=True)
        self.results = {}

    def cells(self):
        """Yield (sheet, address, stored value, recalculated value) of all formulas."""
        for sheet in self.formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == 'f':
                        stored = self.values[sheet.title][cell.coordinate].value
                        yield sheet.title, cell.coordinate, stored, self.get(sheet, cell)

    def get(self, sheet, cell):
        if cell.data_type != 'f':
            return cell.value
        key = (sheet.title, cell.coordinate)
        if key not in self.results:
            self.results[key] = self.calculate(sheet, cell.value[1:])
        return self.results[key]

    def calculate(self, sheet, formula):
        def read(match):
            name, first, last = match.groups()
            name = name.strip("'").replace("''", "'") if name else sheet.title
            address = (first + (last or '')).replace('$', '')
            return f'LOOKUP({name!r}, {address!r})'

        names = {
            'LOOKUP': self.look_up,
            'SUM': lambda *parts: sum(
                number
                for part in parts
                for number in (part if isinstance(part, list) else [part])
                if isinstance(number, (int, float))
            ),
            'SUMIFS': lambda numbers, *criteria: sum(
                number or 0 for number in self.select(numbers, criteria)
            ),
            'COUNTIFS': lambda *criteria: len(self.select(criteria[0], criteria)),
            'SUMSQ': lambda numbers: sum(number**2 for number in numbers if number),
            'SUMPRODUCT': lambda one, other: sum(
                (a or 0) * (b or 0) for a, b in zip(one, other, strict=True)
            ),
            'SUMIF': lambda numbers, criterion: sum(
                number for number in numbers if criterion == '>0' and number and number > 0
            ),
            'MAX': max,
            'ROUND': round,
            'IF': lambda condition, yes, no: yes if condition else no,
        }
        try:
            # The formulas come from the workbook of the test.
            return eval(REFERENCE.sub(read, formula), {'__builtins__': {}}, names)  # pylint: disable=eval-used
        except ZeroDivisionError:
            # IF evaluates only one of its values.
            return ''

    def look_up(self, name, address):
        sheet = self.formulas[name]
        if ':' not in address:
            value = self.get(sheet, sheet[address])
            return 0 if value is None else value
        return [self.get(sheet, cell) for row in sheet[address] for cell in row]

    def select(self, values, criteria):
        pairs = list(zip(criteria[::2], criteria[1::2], strict=True))
        return [
            value
            for number, value in enumerate(values)
            if all(cells[number] == wanted for cells, wanted in pairs)
        ]


class TestReviewWorkbookCommon(TestQuotaRateCommon):
    """Common class with a funnel of three salespeople, which has data for each sheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].search([]).unlink()
        cls.boss, cls.lea, cls.sam = (
            cls.user_sales_manager,
            cls.user_sales_leads,
            cls.user_sales_salesman,
        )
        (cls.boss + cls.lea + cls.sam).write({
            'tz': 'UTC',
            'lang': 'en_US',
            'group_ids': [Command.link(cls.env.ref('base.group_allow_export').id)],
        })
        cls.env['crm.sales.quota'].create([
            {
                'user_id': user.id,
                'month': cls.today().replace(day=1),
                'amount': amount,
            }
            for user, amount in ((cls.lea, 1000), (cls.sam, 500))
        ])
        cls.leads = cls.env['crm.lead']
        for number, user in enumerate([cls.lea] * 4 + [cls.sam] * 3):
            cls.leads += cls._create_opportunity(
                name=f"Deal {number}",
                user_id=user.id,
                expected_revenue=100 * (number + 1),
                partner_id=cls.contact_1.id if number % 2 else cls.contact_2.id,
                date_deadline=cls.today(),
            )
        cls.env.flush_all()
        cls.leads[1].stage_id = cls.stage_late
        cls.leads[2].stage_id = cls.stage_late
        cls.env.flush_all()
        (cls.leads[2] + cls.leads[4]).stage_id = cls.stage_won
        cls.leads[5].stage_id = cls.stage_late
        cls.leads[3].action_set_lost()
        cls.leads[6].user_id = cls.lea
        cls.env.flush_all()

    @classmethod
    def today(cls):
        return cls.env.cr.now().date()

    def _ask(self, user=None, **values):
        user = user or self.boss
        return (
            self
            .env['crm.review.workbook']
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            .create({'period': 'this_month', **values})
        )

    def _make(self, user=None, **values):
        workbook = self._ask(user, **values)
        workbook.action_make()
        return workbook

    def _content(self, workbook):
        return base64.b64decode(workbook.file)

    def _load(self, workbook):
        return load_workbook(BytesIO(self._content(workbook)), data_only=True)

    def _table(self, sheet, header=4):
        """Return the table of a sheet below a header row: {name of the row: {header: value}}."""
        titles = [cell.value for cell in sheet[header]]
        rows = {}
        for row in sheet.iter_rows(min_row=header + 1, values_only=True):
            if row[1] is None:
                break
            rows[row[1]] = dict(zip(titles, row, strict=True))
        return rows

    def assertRecalculated(self, workbook, least):
        """Assert that each formula gives the value that is stored with it."""
        count = 0
        for sheet, address, stored, result in Calculator(self._content(workbook)).cells():
            count += 1
            if isinstance(result, (int, float)):
                self.assertAlmostEqual(stored, result, 6, f"{sheet} {address}")
            else:
                self.assertEqual(stored or '', result or '', f"{sheet} {address}")
        self.assertGreaterEqual(count, least)
