"""Read and judge a folder of pipeline CSV files; nothing here knows of Odoo.

A missing file or column is a `FolderError`: nothing is loaded. A bad row is skipped, and
reported as a `Finding` with its line number.
"""

import csv
from dataclasses import replace
from pathlib import Path

from .opportunity_rows import read_opportunity
from .rows import Account, Finding, Folder, Product, Salesperson, match_key
from .values import BadValue, parse_amount, required

COLUMNS = {
    'sales_teams.csv': ('sales_agent', 'manager', 'regional_office'),
    'products.csv': ('product', 'sales_price'),
    'accounts.csv': ('account', 'sector', 'office_location', 'subsidiary_of'),
    'sales_pipeline.csv': (
        'opportunity_id',
        'sales_agent',
        'product',
        'account',
        'deal_stage',
        'engage_date',
        'close_date',
        'close_value',
    ),
}

# columns that become a note on the customer, where they are there
ACCOUNT_FACTS = (
    ('year_established', "Established: {}"),
    ('revenue', "Revenue (million): {}"),
    ('employees', "Employees: {}"),
)


class FolderError(Exception):
    """The folder cannot be loaded at all, with the reason in words for the user."""


def read_folder(path):
    """Read the folder's files into a `Folder`; all files are checked before any row is."""
    path = Path(path)
    if not path.is_dir():
        raise FolderError(f"There is no folder {path}")
    missing = [name for name in COLUMNS if not (path / name).is_file()]
    if missing:
        raise FolderError(f"{path} lacks the file(s) {', '.join(missing)}")
    tables = {name: read_table(path / name, columns) for name, columns in COLUMNS.items()}

    folder = Folder()
    collect(
        folder,
        'sales_teams.csv',
        tables,
        folder.salespeople,
        lambda row: read_salesperson(row, folder),
    )
    collect(folder, 'products.csv', tables, folder.products, read_product)
    lines = collect(
        folder,
        'accounts.csv',
        tables,
        folder.accounts,
        lambda row: read_account(row, folder),
    )
    drop_impossible_parents(folder, lines)
    collect(
        folder,
        'sales_pipeline.csv',
        tables,
        folder.opportunities,
        lambda row: read_opportunity(row, folder),
    )
    return folder


def read_table(path, columns):
    """The rows of one file as [(line number, {column: text})]."""
    try:
        with path.open(encoding='utf-8-sig', newline='') as handle:
            reader = csv.DictReader(handle, strict=True)
            header = [name.strip() for name in reader.fieldnames or ()]
            missing = [name for name in columns if name not in header]
            if missing:
                raise FolderError(f"{path.name} lacks the column(s) {', '.join(missing)}")
            reader.fieldnames = header
            return [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise FolderError(f"{path.name} is not encoded in UTF-8: {error}") from error
    except csv.Error as error:
        raise FolderError(f"{path.name} is not a readable CSV file: {error}") from error


def collect(folder, file, tables, target, read):
    """Read each row of a table into `target`; what is bad or doubled becomes a finding.

    Returns the line of each row taken, by its key.
    """
    first_line = {}
    for line, row in tables[file]:
        try:
            if None in row or None in row.values():
                raise BadValue("wrong number of columns", "too many or too few values")
            row = {column: text.strip() for column, text in row.items()}
            key, value, remark = read(row)
            if key in first_line:
                raise BadValue("duplicate", f"{key}, already in line {first_line[key]}")
        except BadValue as error:
            folder.findings.append(Finding(file, line, error.kind, error.detail))
            continue
        first_line[key] = line
        target[key] = value
        if remark:
            folder.findings.append(Finding(file, line, *remark, skipped=False))
    return first_line


def read_salesperson(row, folder):
    columns = ('sales_agent', 'manager', 'regional_office')
    salesperson = Salesperson(*(folder.spelled(required(row, column)) for column in columns))
    return match_key(salesperson.name), salesperson, None


def read_product(row):
    name = required(row, 'product')
    return match_key(name), Product(name, parse_amount(required(row, 'sales_price'))), None


def read_account(row, folder):
    name = required(row, 'account')
    facts = [text.format(row[column]) for column, text in ACCOUNT_FACTS if row.get(column)]
    return (
        match_key(name),
        Account(
            name,
            folder.spelled(row['sector']),
            row['office_location'],
            ". ".join(facts),
            row['subsidiary_of'],
        ),
        None,
    )


def drop_impossible_parents(folder, lines):
    """Keep a subsidiary without its parent where that is unknown, or its own descendant."""
    for key, account in folder.accounts.items():
        if not account.parent:
            continue
        if match_key(account.parent) not in folder.accounts:
            fault = "unknown parent company"
        elif key in ancestors(folder.accounts, key):
            fault = "company is its own parent"
        else:
            continue
        folder.findings.append(
            Finding(
                'accounts.csv',
                lines[key],
                fault,
                f"{account.name}, subsidiary of {account.parent!r}, is loaded without a parent",
                skipped=False,
            )
        )
        folder.accounts[key] = replace(account, parent='')


def ancestors(accounts, key):
    """The keys of an account's parent, its parent's parent, and so on."""
    found = []
    while key in accounts:
        key = match_key(accounts[key].parent)
        if not key or key in found:
            break
        found.append(key)
    return found
