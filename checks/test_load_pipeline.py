"""The pipeline loader's reading and judging of CSV files, without Odoo."""

from datetime import date

import pytest

from devtools.inside.pipeline.csv_folder import FolderError, read_folder

TEAMS = """sales_agent,manager,regional_office
Ann Lee,Max Moss,Central
Bob Ray,Max Moss,central
"""
PRODUCTS = """product,series,sales_price
GTX Pro,GTX,4821
MG Special,MG,55
"""
ACCOUNTS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,retail,1996,1100.04,2822,United States,
Betatech,medical,1986,647.18,1185,Kenya,Acme
"""
HEADER = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
)
WON = "A1,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,4514\n"


@pytest.fixture
def read(tmp_path):
    """Read a folder of good files, with the given texts in place of some."""

    def write_and_read(pipeline=WON, **texts):
        files = {
            'sales_teams': TEAMS,
            'products': PRODUCTS,
            'accounts': ACCOUNTS,
            'sales_pipeline': HEADER + pipeline,
            **texts,
        }
        for name, text in files.items():
            if text is not None:
                (tmp_path / f'{name}.csv').write_text(text, encoding='utf-8')
        return read_folder(tmp_path)

    return write_and_read


def test_good_row(read):
    folder = read()
    row = folder.opportunities['A1']
    assert not folder.findings
    assert (row.stage, row.amount, row.is_closed) == ('Won', 4514, True)
    assert (row.engage_date, row.close_date) == (date(2016, 10, 20), date(2017, 3, 1))


def test_product_in_another_spelling_is_found_and_noted(read):
    folder = read("A1,Ann Lee,GTXPro,Acme,Engaging,10/20/2016,,\n")
    assert folder.opportunities['A1'].product == 'GTX Pro'
    assert not folder.skipped
    assert [finding.kind for finding in folder.remarks] == ["product spelled differently"]


@pytest.mark.parametrize(
    'row',
    [
        "A1,Ann Lee,MG Special,Acme,Engaging,10/20/2016,,\n",
        "A1,Ann Lee,MG Special,,Prospecting,,,\n",
        "A1,Ann Lee,MG Special,Acme,Lost,10/20/2016,3/1/2017,0\n",
    ],
)
def test_expected_revenue_is_the_list_price_unless_won(read, row):
    assert read(row).opportunities['A1'].amount == 55


def test_won_for_nothing_stays_nothing(read):
    row = "A1,Ann Lee,MG Special,Acme,Won,10/20/2016,3/1/2017,0\n"
    assert read(row).opportunities['A1'].amount == 0


@pytest.mark.parametrize(
    ('row', 'kind'),
    [
        ("X,Nobody,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n", "unknown salesperson"),
        ("X,Ann Lee,Nothing,Acme,Won,10/20/2016,3/1/2017,1\n", "unknown product"),
        ("X,Ann Lee,GTX Pro,Nowhere,Won,10/20/2016,3/1/2017,1\n", "unknown account"),
        ("X,Ann Lee,GTX Pro,Acme,Gone,10/20/2016,3/1/2017,1\n", "unknown stage"),
        ("X,Ann Lee,GTX Pro,Acme,Won,20/10/2016,3/1/2017,1\n", "bad date"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,,1\n", "missing date"),
        ("X,Ann Lee,GTX Pro,Acme,Lost,,3/1/2017,0\n", "missing date"),
        ("X,Ann Lee,GTX Pro,Acme,Engaging,,,\n", "missing date"),
        ("X,Ann Lee,GTX Pro,Acme,Engaging,10/20/2016,3/1/2017,\n", "closed but open"),
        ("X,Ann Lee,GTX Pro,Acme,Won,3/2/2017,3/1/2017,1\n", "dates reversed"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,\n", "missing value"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,much\n", "bad amount"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,-1\n", "bad amount"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,NaN\n", "bad amount"),
        (",Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n", "missing value"),
        ("A1,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1\n", "duplicate"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016\n", "wrong number of columns"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1,2\n", "wrong number of columns"),
    ],
)
def test_bad_row_is_skipped_with_line_and_reason(read, row, kind):
    folder = read(WON + row)
    assert list(folder.opportunities) == ['A1']
    assert [(f.file, f.line, f.kind) for f in folder.skipped] == [('sales_pipeline.csv', 3, kind)]


def test_identifiers_differ_by_case(read):
    folder = read(WON + WON.replace('A1', 'a1'))
    assert list(folder.opportunities) == ['A1', 'a1']


def test_bad_master_row_is_skipped(read):
    folder = read(products=PRODUCTS + "GTX Pro,GTX,1\nFree,,dear\n", accounts=ACCOUNTS + ",,,,,,\n")
    assert [(f.file, f.line, f.kind) for f in folder.skipped] == [
        ('products.csv', 4, "duplicate"),
        ('products.csv', 5, "bad amount"),
        ('accounts.csv', 4, "missing value"),
    ]


def test_a_name_has_one_spelling(read):
    assert read().teams() == [('Central', 'Max Moss')]


def test_impossible_parents_are_dropped(read):
    header = ACCOUNTS.splitlines()[0]
    rows = ["Acme,,,,,,Nowhere", "Blue,,,,,,Cyan", "Cyan,,,,,,Blue", "Dove,,,,,,Cyan"]
    folder = read(accounts='\n'.join([header, *rows]))
    parents = {account.name: account.parent for account in folder.accounts.values()}
    assert parents == {'Acme': '', 'Blue': '', 'Cyan': 'Blue', 'Dove': 'Cyan'}
    assert [(f.line, f.kind, f.skipped) for f in folder.remarks] == [
        (2, "unknown parent company", False),
        (3, "company is its own parent", False),
    ]


def test_missing_folder_file_and_column(read, tmp_path):
    with pytest.raises(FolderError, match="no folder"):
        read_folder(tmp_path / 'nowhere')
    with pytest.raises(FolderError, match=r"products\.csv"):
        read(products=None)
    with pytest.raises(FolderError, match=r"products\.csv lacks the column.*sales_price"):
        read(products="product,series\nGTX Pro,GTX\n")


def test_unreadable_file(read, tmp_path):
    read()
    (tmp_path / 'products.csv').write_bytes("product,sales_price\nSch\xf6n,1\n".encode('latin-1'))
    with pytest.raises(FolderError, match="UTF-8"):
        read_folder(tmp_path)


def test_empty_file(read):
    with pytest.raises(FolderError, match="lacks the column"):
        read(accounts="")


def test_byte_order_mark_of_a_spreadsheet(read):
    folder = read(products='\ufeff' + PRODUCTS)
    assert 'gtxpro' in folder.products
