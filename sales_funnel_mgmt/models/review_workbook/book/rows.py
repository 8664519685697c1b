"""Write the rows behind the figures: stream a report into sheets that formulas refer to."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from xlsxwriter.utility import quote_sheetname, xl_col_to_name

from odoo.tools import SQL

from ...base.query_settings import query_settings
from .writer import HEADER_HEIGHT, Formula

# number of rows of one sheet below its headers; further rows start another sheet
ROWS_PER_SHEET = 1_048_575
BATCH = 2000


class RowColumn(NamedTuple):
    """A column: `value` computes its cell of a row. Helper columns of formulas are folded."""

    key: str
    title: str
    style: str
    value: Callable
    width: int = 13
    is_helper: bool = False


class Part(NamedTuple):
    """The rows of one sheet: its name, first and last row (from 1)."""

    name: str
    first: int
    last: int


class Rows:
    """The rows of a report that a workbook includes in full.

    :param book: The workbook, see `Book`.
    :param str name: Name of the sheet.
    :param report: Model of the report, in the environment of the requester.
    :param Domain domain: Rows to read; record rules apply.
    :param str order: Order of the rows.
    :param str currency_of: Field with the currency of the amounts, by default that of the company
        of the row.
    """

    def __init__(self, book, name, report, domain, order, currency_of='currency_id'):
        self.book = book
        self.name = name
        self.report = report
        self.domain = domain
        self.order = order
        self.currency_of = currency_of
        self.columns = []
        self.fields = {}
        self.parts = []
        self.count = 0

    # === COLUMNS === #

    def add_text(self, field_name, width=20):
        """Add a column with a text, or the name of a record or of a selection."""
        field = self._use(field_name)
        if field.type == 'many2one':
            names = self.book.names

            def value(row):
                return names.get(field.comodel_name, row[field_name])

        elif field.type == 'selection':
            labels = dict(field._description_selection(self.report.env))

            def value(row):
                return labels.get(row[field_name], row[field_name])

        else:

            def value(row):
                return row[field_name]

        self.add(field_name, self._title(field), 'text', value, width)

    def add_figure(self, field_name, style='count', width=13):
        """Add a column with a number."""
        field = self._use(field_name)

        def value(row):
            return row[field_name]

        self.add(field_name, self._title(field), style, value, width)

    def add_numbers(self, *field_names):
        """Add columns with numbers that are 0 in most rows, and leave these cells empty."""
        for field_name in field_names:

            def value(row, field_name=field_name):
                return row[field_name] or None

            self.add(field_name, self._title(self._use(field_name)), 'count', value, 9)

    def add_customer(self):
        """Add a column with the current customer of the opportunity."""
        self._use('lead_id')
        field = self.report.env['crm.lead']._fields['partner_id']
        self.add(
            'customer', self._title(field), 'text', lambda row: row['lead'] and row['lead'][1], 26
        )

    def add_amounts(self, *field_names):
        """Add columns with amounts, with several currencies also in that of the company."""
        self._use(self.currency_of)
        title = self.book.env._("Currency")
        self.add('currency', title, 'text', lambda row: self._get_currency(row).name, 9)
        for field_name in field_names:
            self.add_figure(field_name, 'amount', 16)
        if self.book.rates:
            self._add_converted(field_names)

    def _add_converted(self, field_names):
        def get_rate(row):
            return self.book.rates.get(self._get_currency(row).id, 1)

        self.add('rate', self.book.env._("Rate"), 'rate', get_rate, 10)
        rate = self._letter('rate')
        for field_name in field_names:
            letter = self._letter(field_name)

            def value(row, field_name=field_name, letter=letter):
                if row[field_name] is None:
                    return None
                number = row['number']
                return Formula(f'={letter}{number}/{rate}{number}', row[field_name] / get_rate(row))

            title = f'{self._title(self.fields[field_name])} ({self.book.currency.name})'
            self.add(f'{field_name} converted', title, 'converted', value, 16)

    def _get_currency(self, row):
        """Return the currency of the amounts of a row."""
        id_ = row.get(self.currency_of)
        if self.currency_of == 'company_id':
            return self.book.get_company_currency(id_)
        return self.book.get_currency(id_)

    def add_key(self, field_name):
        """Add a helper column with the ID of a record (or 0), by which formulas find the rows."""
        field = self._use(field_name)
        self.add(
            f'{field_name} key',
            self.book.env._("%(field)s: ID", field=self._title(field)),
            'id',
            lambda row: row[field_name] or 0,
            9,
            True,
        )

    def add_flag(self, key, title, condition):
        """Add a helper column with 1 where a condition holds, else 0."""
        self.add(key, title, 'count', lambda row: 1 if condition(row) else 0, 9, True)

    def add_first(self, key, title, get_key):
        """Add a helper column with 1 in the first row of each key: its sum counts distinct keys.

        :param get_key: Function of a row that returns its key; None: not counted.
        """
        seen = set()

        def value(row):
            found = get_key(row)
            if found is None or found in seen:
                return None
            seen.add(found)
            return 1

        self.add(key, title, 'count', value, 9, True)

    def use(self, *field_names):
        """Read fields that no column shows."""
        for field_name in field_names:
            self._use(field_name)

    def _use(self, field_name):
        field = self.report._fields[field_name]
        self.fields[field_name] = field
        return field

    def _title(self, field):
        return field.get_description(self.book.env, ['string'])['string']

    def add(self, *column):
        """Add any column, see `RowColumn`."""
        self.columns.append(RowColumn(*column))

    def _letter(self, key):
        return xl_col_to_name(
            next(number for number, column in enumerate(self.columns) if column.key == key)
        )

    # === FORMULAS === #

    def sum(self, key, value, **criteria):
        """Return the formula of a sum over all parts, or the value if there are no rows.

        :param criteria: Value of the cells by key of column: an address, or a number. A key that
            ends in `_id` is that of a record.
        """
        if not self.parts:
            return value
        return Formula(
            '=' + '+'.join(self.sum_terms(key, **criteria)), 0 if value is None else value
        )

    def number(self, value, **criteria):
        """Return the formula of the number of rows, see `sum`."""
        if not self.parts:
            return value
        return Formula('=' + '+'.join(self.count_terms(**criteria)), value)

    def sum_terms(self, key, **criteria):
        """Return the terms of the formula of a sum, one for each part."""
        if self.book.rates and f'{key} converted' in {column.key for column in self.columns}:
            key = f'{key} converted'
        if not criteria:
            return [f'SUM({self._range(part, key)})' for part in self.parts]
        return [
            f'SUMIFS({self._range(part, key)},{self._criteria(part, criteria)})'
            for part in self.parts
        ]

    def count_terms(self, **criteria):
        """Return the terms of the formula of a number of rows, one for each part."""
        return [f'COUNTIFS({self._criteria(part, criteria)})' for part in self.parts]

    def _criteria(self, part, criteria):
        return ','.join(
            f'{self._range(part, f"{key} key" if key.endswith("_id") else key)},{condition}'
            for key, condition in criteria.items()
        )

    def _range(self, part, key):
        letter = self._letter(key)
        return f'{quote_sheetname(part.name)}!${letter}${part.first}:${letter}${part.last}'

    # === WRITING === #

    def fill(self):
        """Stream all the rows into as many sheets as they need."""
        writer = self.book.writer
        sheet, number = self._begin_sheet(), 1
        for row in self._stream():
            if number > ROWS_PER_SHEET:
                self._end_sheet(sheet, number)
                sheet, number = self._begin_sheet(), 1
            row['number'] = number + 1
            currency = self._get_currency(row)
            for position, column in enumerate(self.columns):
                value = column.value(row)
                if value is None or value is False:
                    continue
                style = column.style
                if style == 'converted':
                    writer.put(sheet, number, position, value, 'amount')
                else:
                    writer.put(sheet, number, position, value, style, currency)
            number += 1
            self.count += 1
        self._end_sheet(sheet, number)

    def _begin_sheet(self):
        sheet = self.book.writer.add_sheet(self.name, 0)
        sheet.set_row(0, HEADER_HEIGHT)
        for position, column in enumerate(self.columns):
            self.book.writer.put(sheet, 0, position, column.title, 'header')
            folded = {'level': 1, 'hidden': True} if column.is_helper else {}
            sheet.set_column(position, position, column.width, None, folded)
        sheet.set_column(len(self.columns), len(self.columns), None, None, {'collapsed': True})
        return sheet

    def _end_sheet(self, sheet, number):
        last = max(number - 1, 1)
        sheet.autofilter(0, 0, last, len(self.columns) - 1)
        # A range needs a row, even an empty one.
        self.parts.append(Part(sheet.name, 2, last + 1))

    def _stream(self) -> Iterator[dict]:
        """Yield the rows as dicts, with the opportunity as (name, customer's name) at `lead`.

        A cursor of PostgreSQL computes the report once, so that memory holds a part of it only.
        """
        env = self.report.env
        names = ['id', *self.fields]
        query = self.report._search(self.domain, order=self.order)
        statement = query.select(*(self._select(name, query) for name in names))
        # Plan the query for all rows, not for a fast start.
        with query_settings(env, cursor_tuple_fraction='1'):
            env.cr.execute(SQL("DECLARE review_rows NO SCROLL CURSOR FOR %s", statement))
        while batch := env.execute_query(SQL("FETCH %s FROM review_rows", BATCH)):
            rows = [dict(zip(names, values, strict=True)) for values in batch]
            self.book.names.load(self.fields.values(), rows)
            yield from rows
        env.cr.execute(SQL("CLOSE review_rows"))

    def _select(self, name, query):
        column = self.report._field_to_sql(self.report._table, name, query)
        if name != 'id' and self.fields[name].type == 'datetime':
            # moments of the company, as the period
            zone = self.report.env.company._get_sales_zone().zone
            return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", column, zone)
        return column
