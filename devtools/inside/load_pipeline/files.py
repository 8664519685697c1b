"""Read the CSV files of a pipeline, and skip invalid rows."""

import csv
import math
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

STAGES = PROSPECTING, ENGAGING, WON, LOST = ('Prospecting', 'Engaging', 'Won', 'Lost')
DATES = ('engage_date', 'close_date')
REQUIRED_DATES = {PROSPECTING: (), ENGAGING: ('engage_date',), WON: DATES, LOST: DATES}


class FolderError(Exception):
    """The folder cannot be loaded; the message gives the reason."""


class Opportunity(NamedTuple):
    """A row of the pipeline, with names as the other files spell them."""

    identifier: str
    salesperson: str
    product: str
    account: str
    stage: str
    engaged: date | None
    closed: date | None
    amount: float


class Rows(dict):
    """The rows of a file by the key of their name."""

    def __init__(self, label):
        self.label = label

    def __missing__(self, name):
        raise ValueError(f"unknown {self.label} {name!r}")


def key(name):
    """Return the form in which names are compared: 'GTXPro' is 'GTX Pro'."""
    return re.sub(r'[\s,.]+', '', name).casefold()


class Folder:
    """The rows of a folder's files, which ones were skipped, and how often a note applies."""

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.is_dir():
            raise FolderError(f"There is no folder {path}")
        self.skipped, self.notes = [], Counter()
        self.salespeople = self._read('sales_teams.csv', 'sales_agent manager regional_office')
        self.products = self._read('products.csv', 'product sales_price', convert=read_product)
        self.accounts = self._read(
            'accounts.csv', 'account', 'sector office_location subsidiary_of'
        )
        for row in self.accounts.values():
            if row['subsidiary_of'] and key(row['subsidiary_of']) not in self.accounts:
                self.notes[f"unknown subsidiary_of {row['subsidiary_of']!r} left out"] += 1
                row['subsidiary_of'] = ''
        self.opportunities = self._read(
            'sales_pipeline.csv',
            'opportunity_id sales_agent product deal_stage',
            'account engage_date close_date close_value',
            convert=self._read_opportunity,
            identify=str,
        ).values()

    def _read(self, name, required, optional='', convert=dict, identify=key):
        """Return the rows of a file, converted; the first required column identifies them."""
        required = required.split()
        found = Rows(required[0])
        for line, cells in read_table(self.path / name, [*required, *optional.split()]):
            try:
                row = read_row(cells, required)
                identifier = identify(row[required[0]])
                check_new(identifier, found, required[0])
                found[identifier] = convert(row)
            except ValueError as error:
                self.skipped.append(f"{name} line {line}: {error}")
        return found

    def _read_opportunity(self, row):
        salesperson = self.salespeople[key(row['sales_agent'])]['sales_agent']
        product = self.products[key(row['product'])]
        name, list_price = product['product'], product['sales_price']
        account = self.accounts[key(row['account'])]['account'] if row['account'] else ''
        stage = row['deal_stage'].capitalize()
        if stage not in STAGES:
            raise ValueError(f"unknown deal_stage {stage!r}")
        dates = read_dates(row, stage)
        amount = read_amount(row['close_value'] or ('' if stage == WON else '0'))
        if stage != WON:
            # The file has an empty value for open opportunities, and 0 for lost ones.
            amount = amount or list_price
        if row['product'] != name:
            self.notes[f"product {row['product']!r} taken as {name!r}"] += 1
        return Opportunity(row['opportunity_id'], salesperson, name, account, stage, *dates, amount)


def read_table(path, columns):
    """Return the rows of a file as [(line number, {column: text})]."""
    try:
        with path.open(encoding='utf-8-sig', newline='') as handle:
            reader = csv.DictReader(handle, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise FolderError(f"{path.name} lacks the column(s) {', '.join(missing)}")
            return [(reader.line_num, row) for row in reader]
    except FileNotFoundError as error:
        raise FolderError(f"{path.parent} lacks the file {path.name}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FolderError(f"{path.name} is not a CSV file in UTF-8: {error}") from error


def read_row(cells, required):
    """Return a row with normalized spaces, if each column has a value."""
    if None in cells or None in cells.values():
        raise ValueError("too many or too few values")
    row = {column: ' '.join(text.split()) for column, text in cells.items()}
    check_filled(row, required)
    return row


def check_new(identifier, found, column):
    if identifier in found:
        raise ValueError(f"duplicate {column} {identifier!r}")


def check_filled(row, columns):
    missing = [column for column in columns if not row[column]]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")


def read_product(row):
    return {**row, 'sales_price': read_amount(row['sales_price'])}


def read_amount(text):
    amount = float(text or 'nan')
    if not 0 <= amount < math.inf:
        raise ValueError(f"{text!r} is not an amount")
    return amount


def read_dates(row, stage):
    """Return the days on which an opportunity was engaged and closed, if any."""
    check_filled(row, REQUIRED_DATES[stage])
    engaged, closed = (
        datetime.strptime(row[column], '%m/%d/%Y').date() if row[column] else None
        for column in DATES
    )
    if closed and REQUIRED_DATES[stage] != DATES:
        raise ValueError(f"close_date in stage {stage}")
    if closed and closed < engaged:
        raise ValueError("close_date before engage_date")
    return engaged, closed
