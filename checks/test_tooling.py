"""Test that each of the guards detects its kind of fault."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from devtools import hygiene, idioms, logcheck, source, translations
from devtools.browsing import chromium
from devtools.browsing.client import HELPERS
from devtools.browsing.texts import Texts
from devtools.settings import REPO

OLD = {
    'models/a.py': [
        "_sql_constraints = []",
        "'view_mode': 'tree,form'",
        "{'groups_id': [(4, 1)]}",
        "x = fields.Integer(group_operator='sum')",
        "from odoo.osv import expression",
        "def name_get(self):",
        "self._cr.execute(query)",
        "user = self._uid",
        "self._context.get('lang')",
        "self.read_group([], ['x'], ['y'])",
        "self.env.cr.commit()",
        "@http.route('/x', type='json')",
        "partner_id = fields.Many2one('res.partner', auto_join=True)",
        "SELECT row_number() OVER () AS id",
    ],
    'views/a.xml': [
        "<tree>",
        "</tree>",
        '<field name="view_mode">tree,form</field>',
        """<field name="x" attrs="{'invisible': 1}"/>""",
        '<button states="draft"/>',
        '<field name="groups_id" eval="[]"/>',
        '<field name="numbercall">-1</field>',
        '<field name="doall" eval="False"/>',
        '<t t-name="kanban-box">',
        '<div class="oe_chatter">',
        '<t t-esc="x"/>',
        '<t t-raw="x"/>',
        '<group expand="0" string="Group By">',
    ],
    'static/src/a.js': [
        "/** @odoo-module **/",
        'this.user = useService("user");',
        "const rpc = useService('rpc');",
    ],
}
NEW = {
    'models/a.py': [
        "self._read_group([], ['x'], ['y:sum'])",
        "def formatted_read_group(self):",
        "self.env.cr.execute(query)",
        "self.env.context.get('lang')",
        "group_ids = fields.Many2many('res.groups')",
        "@http.route('/x', type='jsonrpc')",
    ],
    'views/a.xml': ['<list string="Tree-like">', '<t t-out="x"/>', '<field name="state"/>'],
    'static/src/a.js': ['this.orm = useService("orm");'],
}


def _pairs(examples):
    return [(name, line) for name, lines in examples.items() for line in lines]


@pytest.mark.parametrize(('name', 'line'), _pairs(OLD))
def test_old_idiom_is_found(name, line):
    assert list(idioms.findings(name, line))


@pytest.mark.parametrize(('name', 'line'), _pairs(NEW))
def test_new_idiom_is_left_alone(name, line):
    assert not list(idioms.findings(name, line))


def test_every_pattern_has_an_example():
    found = {text for name, line in _pairs(OLD) for text in idioms.findings(name, line)}
    for _pattern, _endings, instead in idioms.OLD:
        assert any(text.endswith(instead) for text in found), instead


def test_a_finding_fails_its_hook(tmp_path, capsys):
    (tmp_path / 'a.py').write_text("_sql_constraints = []")
    assert source.report(idioms.findings, [str(tmp_path / 'a.py')]) == 1
    assert "models.Constraint" in capsys.readouterr().out
    (tmp_path / 'a.py').write_text("x = 1")
    assert source.report(idioms.findings, [str(tmp_path / 'a.py')]) == 0


def test_machine_paths_and_registries_are_found():
    home, host = '/ho' + 'me/someone/x', 'https://' + 'registry.npm' + 'js.org/x'
    assert list(hygiene.findings('a.md', f"see {home}"))
    assert list(hygiene.findings('a.md', f"see {host}"))
    assert list(hygiene.findings('requirements/a.txt', "--index-url=http://somewhere"))
    assert list(
        hygiene.findings('package-lock.json', '{"packages": {"a": {"resolved": "somewhere"}}}')
    )
    assert not list(hygiene.findings('a.md', "addons/web/work/ and https://www.odoo.com/home/x"))


LOG = """\
2026-01-01 10:00:00,000 12 INFO db odoo.modules.loading: Loading
2026-01-01 10:00:00,000 12 WARNING db odoo.fields: Something is off
2026-01-01 10:00:00,000 12 ERROR ? odoo.sql_db: bad query
Traceback (most recent call last):
ValueError: here
2026-01-01 10:00:00,000 12 INFO db odoo.modules.loading: Loaded
"""


def test_warnings_and_errors_of_a_log_are_found_with_their_traceback():
    warning, error = logcheck.problems(LOG)
    assert warning.endswith("Something is off")
    assert error.endswith("ValueError: here")


def _entry(msgid, msgstr, *, fuzzy=False, obsolete=False):
    return SimpleNamespace(msgid=msgid, msgstr=msgstr, fuzzy=fuzzy, obsolete=obsolete)


@pytest.mark.parametrize(
    ('entry', 'complaint'),
    [
        (_entry("A %(name)s", "B %(name)s"), None),
        (_entry("A %(name)s", ""), "not translated"),
        (_entry("A %(name)s", "B"), "other placeholders"),
        (_entry("A %(name)s", "B %(nam)s"), "other placeholders"),
        (_entry("A %(name)s", "B %(name)s", fuzzy=True), "fuzzy"),
        (_entry("Gone", "B"), "not in the source"),
        (None, "missing"),
    ],
)
def test_translation_complaints(entry, complaint):
    pot = [_entry("A %(name)s", "")]
    found = list(translations.complaints(pot, [entry] if entry else []))
    if complaint:
        assert complaint in found[0]
    else:
        assert not found


@pytest.mark.parametrize(
    ('text', 'is_found'),
    [
        ("Quota Amount", True),
        ("3 opportunities", True),
        ("定额金额", False),
        ("PNG", False),
        ("Amelia Novak", False),
    ],
)
def test_texts_of_ours_that_are_seen_in_chinese_are_found(text, is_found):
    assert Texts().untranslated(text) is is_found


PAGE = """\
<meta name="viewport" content="width=device-width">
<div class="wide" style="width: 600px">Wide</div>
<div style="overflow-x: auto"><div class="scrolled" style="width: 900px">Scrolled</div></div>
<p title="Hint"><span style="display: none">Hidden</span></p>
<div class="o_error_dialog">Oops</div>
<script>console.error("said"); setTimeout(() => { throw new Error("thrown"); });</script>
"""


def test_what_is_wrong_with_a_page_is_seen():
    with chromium.running() as browser, chromium.context(browser, (390, 800)) as context:
        page = context.new_page()
        said = chromium.Errors(page)
        page.goto(f'data:text/html,{PAGE}')
        page.evaluate(HELPERS)
        found = page.evaluate('crawl.settle().then(crawl.inspect)')
        errors = said.take()
    assert [text.split()[0] for text in found['overflows']] == ['div.wide', 'the']
    assert found['errors'] == ["Oops"]
    assert sorted(found['texts']) == ["Hint", "Oops", "Scrolled", "Wide"]
    assert len(errors) == 2
    assert "said" in errors[0] and "thrown" in errors[1]


GUARDED = '''
import logging, unittest
import pytest

def test_warning():
    logging.getLogger('odoo.addons.x').warning("off")

def test_skipped():
    pytest.skip("the browser is missing")

class TestExpected(unittest.TestCase):
    def test_expected_warning(self):
        with self.assertLogs('odoo.addons.x', 'WARNING'):
            logging.getLogger('odoo.addons.x').warning("expected")

    @unittest.skip("the other thing is missing")
    def test_skipped_class(self):
        pass
'''


def _pytest(folder, *arguments):
    command = [sys.executable, '-m', 'pytest', '-p', 'no:odoo', '-c', REPO / 'pytest.ini']
    # Load the guard as a plugin, for tests in another folder.
    command += ['-p', 'conftest', '--rootdir', folder, *arguments, folder]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO, check=False)
    return done.returncode, done.stdout


def test_a_logged_warning_and_a_skip_fail(tmp_path):
    (tmp_path / 'test_guarded.py').write_text(GUARDED)
    code, output = _pytest(tmp_path)
    assert code == 1, output
    assert "3 failed, 1 passed" in output
    assert "WARNING odoo.addons.x: off" in output
    assert "the browser is missing" in output
    assert "the other thing is missing" in output


@pytest.mark.parametrize('category', ['UserWarning', 'DeprecationWarning'])
def test_a_warning_of_python_in_the_addon_fails(tmp_path, category):
    """Python warnings fail a test if their module is in the addon, not if it is in Odoo."""
    (tmp_path / 'test_guarded.py').write_text(f'''
import warnings

def test_of_the_addon():
    code = "import warnings; warnings.warn('off', {category})"
    exec(code, {{'__name__': 'odoo.addons.sales_funnel_mgmt.models.key_account.crm_lead'}})

def test_of_odoo():
    exec("import warnings; warnings.warn('theirs', {category})", {{'__name__': 'odoo.addons.crm'}})
''')
    code, output = _pytest(tmp_path)
    assert code == 1, output
    assert "1 failed, 1 passed" in output
    assert f"{category}: off" in output


def test_no_test_at_all_fails(tmp_path):
    code, output = _pytest(tmp_path)
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, output


def test_a_skipped_module_fails(tmp_path):
    text = "import pytest\npytest.skip('no such library', allow_module_level=True)\n"
    (tmp_path / 'test_guarded.py').write_text(text)
    code, output = _pytest(tmp_path)
    assert code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}, output
    assert "no such library" in output
