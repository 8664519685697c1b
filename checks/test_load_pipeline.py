"""Test the loader of a pipeline: the records from CSV files, and the changes of a second run."""

import subprocess
from datetime import date

import pytest

from devtools import database, odoo, templates
from devtools.inside.load_pipeline import records
from devtools.inside.load_pipeline.files import Folder, FolderError
from devtools.settings import CONF, REPO
from devtools.sql import query

FILES = {
    'sales_teams': """sales_agent,manager,regional_office
Ann Lee,Max Moss,Central
Bob Ray,Max Moss,central
""",
    'products': """product,series,sales_price
GTX Pro,GTX,4821
MG Special,MG,55
""",
    'accounts': """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme,retail,1996,1100.04,2822,United States,
Betatech,medical,1986,647.18,1185,Kenya,Acme
Gamma,medical,1986,647.18,1185,Atlantis,Nobody
""",
}
HEADER = (
    "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
)
WON = "A1,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,4514\n"
LOST = "a1,Bob Ray,MG Special,Betatech,Lost,10/20/2016,3/1/2017,0\n"
ENGAGING = "B2,Bob Ray,GTXPro,,Engaging,11/20/2016,,\n"
PROSPECTING = "C3,Ann Lee,MG Special,Gamma,Prospecting,,,\n"


@pytest.fixture
def write(tmp_path):
    """Write a folder of valid files, with some of them replaced by the given texts."""

    def write(pipeline, **texts):
        for name, text in {**FILES, 'sales_pipeline': HEADER + pipeline, **texts}.items():
            (tmp_path / f'{name}.csv').write_text(text, encoding='utf-8')
        return tmp_path

    return write


def test_rows_of_every_stage(write):
    folder = Folder(write(WON + LOST + ENGAGING + PROSPECTING))
    assert not folder.skipped
    days = date(2016, 10, 20), date(2017, 3, 1)
    assert [tuple(row) for row in folder.opportunities] == [
        ('A1', 'Ann Lee', 'GTX Pro', 'Acme', 'Won', *days, 4514),
        # Opportunities that are not won have the list price as amount.
        ('a1', 'Bob Ray', 'MG Special', 'Betatech', 'Lost', *days, 55),
        ('B2', 'Bob Ray', 'GTX Pro', '', 'Engaging', date(2016, 11, 20), None, 4821),
        ('C3', 'Ann Lee', 'MG Special', 'Gamma', 'Prospecting', None, None, 55),
    ]
    assert folder.notes == {
        "product 'GTXPro' taken as 'GTX Pro'": 1,
        "unknown subsidiary_of 'Nobody' left out": 1,
    }


def test_won_for_nothing_stays_nothing(write):
    [row] = Folder(write(WON.replace('4514', '0'))).opportunities
    assert row.amount == 0


@pytest.mark.parametrize(
    ('row', 'reason'),
    [
        ("X,Nobody,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1", "unknown sales_agent 'nobody'"),
        ("X,Ann Lee,Nothing,Acme,Won,10/20/2016,3/1/2017,1", "unknown product 'nothing'"),
        ("X,Ann Lee,GTX Pro,Nowhere,Won,10/20/2016,3/1/2017,1", "unknown account 'nowhere'"),
        ("X,Ann Lee,GTX Pro,Acme,Gone,10/20/2016,3/1/2017,1", "unknown deal_stage 'Gone'"),
        ("X,Ann Lee,GTX Pro,Acme,Won,20/10/2016,3/1/2017,1", "time data '20/10/2016' does not"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,,1", "close_date missing"),
        ("X,Ann Lee,GTX Pro,Acme,Lost,,3/1/2017,0", "engage_date missing"),
        ("X,Ann Lee,GTX Pro,Acme,Engaging,,,", "engage_date missing"),
        ("X,Ann Lee,GTX Pro,Acme,Engaging,10/20/2016,3/1/2017,", "close_date in stage Engaging"),
        ("X,Ann Lee,GTX Pro,Acme,Won,3/2/2017,3/1/2017,1", "close_date before engage_date"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,", "'' is not an amount"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,much", "could not convert string to"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,-1", "'-1' is not an amount"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,NaN", "'NaN' is not an amount"),
        (",Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1", "opportunity_id missing"),
        ("A1,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1", "duplicate opportunity_id 'A1'"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016", "too many or too few values"),
        ("X,Ann Lee,GTX Pro,Acme,Won,10/20/2016,3/1/2017,1,2", "too many or too few values"),
    ],
)
def test_bad_row_is_skipped_with_line_and_reason(write, row, reason):
    folder = Folder(write(WON + row))
    assert [row.identifier for row in folder.opportunities] == ['A1']
    [finding] = folder.skipped
    assert finding.startswith(f"sales_pipeline.csv line 3: {reason}")


def test_bad_rows_of_the_other_files_are_skipped(write):
    products = FILES['products'] + "GTXPro,GTX,1\nFree,,dear\n"
    folder = Folder(write(WON, products=products, accounts=FILES['accounts'] + ",,,,,,\n"))
    assert [finding.partition(': ')[0] for finding in folder.skipped] == [
        "products.csv line 4",
        "products.csv line 5",
        "accounts.csv line 5",
    ]


def test_folder_that_cannot_be_loaded(write, tmp_path):
    with pytest.raises(FolderError, match="no folder"):
        Folder(tmp_path / 'nowhere')
    with pytest.raises(FolderError, match=r"lacks the file sales_teams\.csv"):
        Folder(tmp_path)
    for text in ("product,series\nGTX Pro,GTX\n", ""):
        with pytest.raises(FolderError, match=r"products\.csv lacks the column.*sales_price"):
            Folder(write(WON, products=text))
    (tmp_path / 'products.csv').write_bytes("product,sales_price\nSch\xf6n,1\n".encode('latin-1'))
    with pytest.raises(FolderError, match="UTF-8"):
        Folder(tmp_path)


def test_byte_order_mark_of_a_spreadsheet(write):
    assert 'gtxpro' in Folder(write(WON, products='\ufeff' + FILES['products'])).products


def test_one_team_for_two_spellings_of_an_office(write):
    masters = dict(records.masters(Folder(write(WON))))
    assert list(masters['crm.team']) == ['crm_sales_opportunities.team_central_maxmoss']


def load(name, folder):
    options = ['--config', CONF, '--database', name, folder]
    command = [odoo.PYTHON, '-m', 'devtools.inside.load_pipeline', *options]
    return subprocess.run(
        command, cwd=REPO, env=odoo.environment(), capture_output=True, text=True, check=False
    )


def test_error_is_said_in_words():
    done = load('none', 'nowhere')
    assert done.returncode == 2
    assert done.stderr == "./dev load: There is no folder nowhere\nNothing was loaded.\n"


def test_second_run_updates(write):
    with database.throwaway('load') as name:
        templates.copy_with_addons(name)
        folder = write(WON + LOST + ENGAGING + PROSPECTING)
        first = load(name, folder)
        assert "Done: 4 opportunities created, 0 updated, 0 rows skipped" in first.stdout
        stays = (
            "SELECT stage.name->>'en_US', salesperson.login, stay.entered_at::date::text,"
            " stay.left_at::date::text, stay.exit_kind, stay.is_win"
            " FROM crm_stage_history stay"
            " JOIN crm_stage stage ON stage.id = stay.stage_id"
            " JOIN res_users salesperson ON salesperson.id = stay.user_id"
            " WHERE stay.entered_at < '2018-01-01' ORDER BY stay.lead_id, stay.id"
        )
        won = [
            ['Engaging', 'ann.lee', '2016-10-20', '2017-03-01', 'advanced', False],
            ['Won', 'ann.lee', '2017-03-01', None, None, True],
        ]
        lost = ['Engaging', 'bob.ray', '2016-10-20', '2017-03-01', 'lost', False]
        engaging = ['Engaging', 'bob.ray', '2016-11-20', None, None, False]
        assert query(name, stays) == [*won, lost, engaging]

        write(WON + LOST + ENGAGING.replace("Engaging,11/20/2016,,", "Won,11/20/2016,4/1/2017,7"))
        second = load(name, folder)
        assert "Done: 0 opportunities created, 3 updated, 0 rows skipped" in second.stdout
        assert query(name, stays) == [
            *won,
            lost,
            ['Engaging', 'bob.ray', '2016-11-20', '2017-04-01', 'advanced', False],
            ['Won', 'bob.ray', '2017-04-01', None, None, True],
        ]
        assert query(
            name,
            "SELECT active, won_status, expected_revenue::int, create_date::date::text,"
            " date_closed::date::text, day_close::int FROM crm_lead ORDER BY id",
        )[:3] == [
            [True, 'won', 4514, '2016-10-20', '2017-03-01', 132],
            [False, 'lost', 55, '2016-10-20', '2017-03-01', 132],
            [True, 'won', 7, '2016-11-20', '2017-04-01', 132],
        ]
        # There are no duplicates and no messages to users.
        for table in ('res_partner', 'crm_team', 'crm_stage', 'crm_tag'):
            assert query(name, f"SELECT name FROM {table} GROUP BY name HAVING count(*) > 1") == []
        assert query(name, "SELECT count(*) FROM mail_mail") == [[0]]
