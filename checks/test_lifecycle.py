"""Test the installation, the upgrade and the uninstallation of the addons.

Each test works in a copy of a template. Odoo's log must not have a warning in any step.
"""

from pathlib import Path

import pytest

from checks import snapshot
from devtools import database, odoo, templates, translations
from devtools.settings import addons

SCRIPTS = Path(__file__).parent / 'inside'


def script(name):
    return (SCRIPTS / f'{name}.py').read_text()


def uninstall(name, ours):
    odoo.shell('uninstall', name, f"addons = {ours!r}\n" + script('uninstall'))


def stock(ours=None, demo=False):
    return templates.stock(templates.external_depends(ours), demo)


def test_install_on_existing_pipeline(name):
    """The addons can be installed on a pipeline with all kinds of opportunities."""
    database.copy(stock(), name)
    odoo.shell('seed a pipeline', name, script('seed_pipeline'))
    before = snapshot.pipeline(name)
    odoo.install('install on an existing pipeline', name, addons())
    assert snapshot.difference(before, snapshot.pipeline(name)) == []
    odoo.shell('read the pipeline', name, script('read_everything'))


def test_upgrade_twice(name):
    templates.copy_with_addons(name)
    odoo.shell('seed a pipeline', name, script('seed_pipeline'))
    odoo.upgrade('upgrade', name, addons())
    before = snapshot.take(name)
    odoo.upgrade('upgrade again', name, addons())
    assert snapshot.difference(before, snapshot.take(name)) == []


def test_uninstall(name):
    """The uninstallation leaves no records of the addons behind.

    The bridges, which need other apps, are uninstalled in the test with demo data."""
    ours = templates.core_addons()
    database.copy(stock(ours), name)
    odoo.shell('seed a pipeline', name, script('seed_pipeline'))
    before = snapshot.take(name)
    odoo.install('install', name, ours)
    uninstall(name, ours)
    assert snapshot.difference(before, snapshot.take(name)) == []


def test_install_and_uninstall_with_demo_data(name):
    before = snapshot.take(stock(demo=True))
    templates.copy_with_addons(name, demo=True)
    odoo.shell('read the demo data', name, script('read_everything'))
    odoo.shell('check the past of the demo data', name, script('check_demo_past'))
    uninstall(name, addons())
    assert snapshot.difference(before, snapshot.take(name)) == []


@pytest.mark.parametrize('addon', addons())
def test_translation_template(name, addon, tmp_path):
    """The .pot files match the source. Otherwise, run `./dev i18n`."""
    templates.copy_with_addons(name, translations.together_with(addon))
    pot, _po = translations.files(addon)
    text = translations.export(addon, tmp_path / 'fresh.pot', name)
    assert text == translations.DATES.sub('', pot.read_text())
