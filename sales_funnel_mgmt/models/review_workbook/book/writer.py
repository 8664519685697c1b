"""Write xlsx files: sheets, formats, tables and formulas, independent of the funnel.

The workbook is streamed: each sheet is written from top to bottom, and written rows are not kept.
"""

import re
from datetime import date, datetime
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.utility import quote_sheetname, xl_col_to_name

# limits of Excel
MAX_TEXT = 32_767
MAX_SHEET_NAME = 31
# first day of Excel's calendar
FIRST_YEAR = 1900

HEADER_HEIGHT = 32
ACCENT = '#714B67'
NUMBER_FORMATS = {
    'id': '0',
    'count': '#,##0',
    'days': '#,##0.0',
    'ratio': '0.00',
    'rate': '0.000000',
    'percent': '0.0%',
    'date': 'yyyy-mm-dd',
    'month': 'yyyy-mm',
    'datetime': 'yyyy-mm-dd hh:mm',
}
FORMATS = {
    'title': {'bold': True, 'font_size': 16, 'font_color': ACCENT},
    'caption': {'bold': True, 'font_size': 12, 'font_color': ACCENT},
    'note': {'italic': True, 'font_color': '#6B7280'},
    'header': {
        'bold': True,
        'font_color': '#FFFFFF',
        'bg_color': ACCENT,
        'text_wrap': True,
        'valign': 'vcenter',
        'border': 1,
        'border_color': '#D1D5DB',
    },
    'id': {'font_color': '#9CA3AF'},
    'wrapped': {'text_wrap': True, 'valign': 'top'},
    'total': {'bold': True, 'top': 1, 'top_color': ACCENT, 'bg_color': '#F3EEF2'},
}


class Formula(NamedTuple):
    """A formula, and its value for readers that do not calculate."""

    text: str
    value: object


class Writer:
    """The writer of a workbook.

    :param str path: File to write.
    :param res.currency currency: Default currency of amounts.
    :param str cut_note: Text that replaces the end of texts too long for Excel.
    """

    def __init__(self, path, currency, cut_note):
        self.workbook = xlsxwriter.Workbook(
            path,
            {
                'constant_memory': True,
                'strings_to_formulas': False,
                'strings_to_numbers': False,
                'strings_to_urls': False,
            },
        )
        self.currency = currency
        self.cut_note = cut_note
        self.cut_count = 0
        self._formats = {}
        self._names = set()
        self._widths = {}

    def close(self):
        """Set the widths of the columns, and write the file."""
        for (sheet, column), width in self._widths.items():
            sheet.set_column(column, column, width)
        self.workbook.close()

    # === SHEETS === #

    def add_sheet(self, name, header_row):
        """Add a sheet with a valid name and a print layout.

        :param int header_row: Row (from 0) of the headers, which stay visible and are on every page.
        """
        sheet = self.workbook.add_worksheet(self._get_sheet_name(name))
        sheet.hide_gridlines(2)
        sheet.freeze_panes(header_row + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(header_row)
        sheet.set_footer('&L&A&R&P / &N')
        return sheet

    def _get_sheet_name(self, name):
        base = re.sub(r'[\[\]:*?/\\]', ' ', name).strip(" '") or '-'
        result, number = base[:MAX_SHEET_NAME], 1
        while result.lower() in self._names:
            number += 1
            suffix = f' ({number})'
            result = base[: MAX_SHEET_NAME - len(suffix)] + suffix
        self._names.add(result.lower())
        return result

    def widen(self, sheet, column, width):
        """Make a column as wide as the widest table of the sheet requires."""
        self._widths[sheet, column] = max(width, self._widths.get((sheet, column), 0))

    # === CELLS === #

    def put(self, sheet, row, column, value, style='text', currency=None, total=False):
        """Write a value in the format of a style, and amounts in the format of their currency."""
        cell_format = self.get_format(style, currency if style == 'amount' else None, total)
        if isinstance(value, Formula):
            cached = '' if value.value is None else value.value
            sheet.write_formula(row, column, value.text, cell_format, cached)
        elif value is None or value is False or value == '':
            sheet.write_blank(row, column, None, cell_format)
        elif isinstance(value, str):
            self._put_text(sheet, row, column, value, style, total)
        elif isinstance(value, date):
            if value.year < FIRST_YEAR:
                self._put_text(sheet, row, column, str(value), 'text', total)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, column, value, cell_format)
            else:
                sheet.write_datetime(
                    row, column, datetime(value.year, value.month, value.day), cell_format
                )
        else:
            sheet.write_number(row, column, value, cell_format)

    def _put_text(self, sheet, row, column, text, style, total):
        if len(text) > MAX_TEXT:
            text = text[: MAX_TEXT - len(self.cut_note)] + self.cut_note
            self.cut_count += 1
        # The quote keeps the value a text when a user edits the cell.
        is_formula_like = text[0] in '=+-@\t\r'
        cell_format = self.get_format(style, None, total, is_formula_like)
        sheet.write_string(row, column, text, cell_format)

    def get_format(self, style, currency=None, total=False, quoted=False):
        """Return the format of a style, in the currency of amounts."""
        if style == 'amount':
            currency = currency or self.currency
        key = (style, currency and currency.id, total, quoted)
        if key not in self._formats:
            properties = dict(FORMATS.get(style, {}))
            if style == 'amount':
                properties['num_format'] = get_currency_format(currency)
            elif style in NUMBER_FORMATS:
                properties['num_format'] = NUMBER_FORMATS[style]
            if total:
                properties.update(FORMATS['total'])
            if quoted:
                properties['quote_prefix'] = True
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]


def get_currency_format(currency):
    """Return the number format of a currency: decimals, symbol and position of the symbol."""
    decimals = currency.decimal_places
    number = '#,##0' + ('.' + '0' * decimals if decimals else '')
    # Within quotes, only the quote itself is a special character.
    symbol = '"{}"'.format((currency.symbol or currency.name).replace('"', '').replace('\\', ''))
    return f'{symbol} {number}' if currency.position == 'before' else f'{number} {symbol}'


class Column(NamedTuple):
    """A column of a table: its content and format."""

    key: str
    title: str
    style: str = 'count'
    width: int = 13
    help: str = ''


class Table:
    """A table of a sheet: headers, rows, a total. Keys of columns give the addresses of cells.

    :param int row: Row (from 0) of the headers.
    """

    def __init__(self, writer, sheet, row, columns):
        self.writer = writer
        self.sheet = sheet
        self.columns = columns
        self.header = row
        self.first = self.next = row + 1
        # number of rows below it that another element takes
        self.margin = 0
        self.is_empty = False
        self._letters = {
            column.key: xl_col_to_name(number) for number, column in enumerate(columns)
        }

    def write_header(self):
        """Write the headers."""
        self.sheet.set_row(self.header, HEADER_HEIGHT)
        for number, column in enumerate(self.columns):
            self.writer.put(self.sheet, self.header, number, column.title, 'header')
            self.writer.widen(self.sheet, number, column.width)

    def add(self, values, total=False):
        """Write a row of values by key of column; other cells stay empty."""
        for number, column in enumerate(self.columns):
            value = values.get(column.key)
            self.writer.put(self.sheet, self.next, number, value, column.style, total=total)
        self.next += 1

    def finish(self, with_filter=True):
        """Mark all rows but the total as written.

        An empty table gets an empty row, since its total would otherwise be the sum of itself."""
        if self.next == self.first:
            self.is_empty = True
            self.add({})
        if with_filter:
            self.sheet.autofilter(self.header, 0, self.last, len(self.columns) - 1)

    @property
    def last(self):
        """The last row (from 0) written."""
        return self.next - 1

    def cell(self, key, back=0):
        """Return the address of a cell in the next row, or a number of rows above it."""
        return f'{self._letters[key]}{self.next + 1 - back}'

    def key_cell(self, key):
        """Return the same address with a fixed column, for formulas that are copied."""
        return f'${self.cell(key)}'

    def header_cell(self, key):
        """Return the address of the header of a column."""
        return f'{self._letters[key]}${self.header + 1}'

    def range(self, key, last=None):
        """Return the address of the rows of a column, for use on the same sheet."""
        letter = self._letters[key]
        last = max(self.last if last is None else last, self.first)
        return f'${letter}${self.first + 1}:${letter}${last + 1}'

    def outer_range(self, key):
        """Return the address of the rows of a column, for use on other sheets."""
        return f'{quote_sheetname(self.sheet.name)}!{self.range(key)}'

    def total_cell(self, key, last):
        """Return the fixed address of a cell in the total, which follows the last row."""
        return f'${self._letters[key]}${last + 2}'

    def position(self, key):
        """Return the number of a column, from 0."""
        return next(number for number, column in enumerate(self.columns) if column.key == key)

    def sum(self, key, value):
        """Return the formula of the sum of a column; the rows must be written."""
        return Formula(f'=SUM({self.range(key)})', value)


def divide(dividend, divisor):
    """Return a quotient, with the rule of `ratio`: None without a divisor above 0."""
    return dividend / divisor if divisor > 0 else None


def ratio(dividend, divisor, value):
    """Return the formula of a quotient of two expressions, empty without a divisor above 0."""
    return Formula(f'=IF({divisor}>0,({dividend})/({divisor}),"")', value)
