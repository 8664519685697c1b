"""The life of the addons in a database: installed late, upgraded twice, with demo data, gone.

Each check works in a copy of a template; Odoo's log must have no warning in any step.
"""

import subprocess

from . import database, odoo, snapshot, templates, translations
from .console import Fail
from .settings import REPO, addons

SCRIPTS = REPO / 'checks' / 'inside'
MOST_LINES = 40


def _script(name):
    return (SCRIPTS / f'{name}.py').read_text()


def _stock(ours=None):
    return templates.stock(templates.external_depends(ours))


def install_on_existing_pipeline():
    """A company that has worked with CRM for long: every kind of opportunity is there already."""
    with database.throwaway('existing') as name:
        database.copy(_stock(), name)
        odoo.shell('seed a pipeline', name, _script('seed_pipeline'))
        before = snapshot.pipeline(name)
        odoo.install('install on an existing pipeline', name, addons())
        _same("the pipeline after installing", before, snapshot.pipeline(name))
        odoo.shell('read the pipeline', name, _script('read_everything'))


def upgrade_twice():
    with database.throwaway('upgrade') as name:
        templates.copy_with_addons(name)
        odoo.shell('seed a pipeline', name, _script('seed_pipeline'))
        odoo.upgrade('upgrade', name, addons())
        before = snapshot.take(name)
        odoo.upgrade('upgrade again', name, addons())
        _same("the database after the second upgrade", before, snapshot.take(name))


def uninstall():
    """Nothing of ours stays behind in a database that had a pipeline before. Without the bridges, so
    without the apps on their other side: those are uninstalled with the demo data."""
    ours = templates.core_addons()
    with database.throwaway('uninstall') as name:
        database.copy(_stock(ours), name)
        odoo.shell('seed a pipeline', name, _script('seed_pipeline'))
        before = snapshot.take(name)
        odoo.install('install', name, ours)
        odoo.shell('uninstall', name, _uninstall_script(ours))
        _same("the database after uninstalling", before, snapshot.take(name))


def install_and_uninstall_with_demo_data():
    with database.throwaway('demo') as name:
        database.copy(templates.stock(templates.external_depends(), demo=True), name)
        before = snapshot.take(name)
        odoo.install('install with demo data', name, addons(), '--with-demo')
        templates.keep_with_addons(name, addons(), demo=True)
        odoo.shell('read the demo data', name, _script('read_everything'))
        odoo.shell('uninstall the demo data', name, _uninstall_script(addons()))
        _same("the database after uninstalling", before, snapshot.take(name))


def translation_template():
    for addon in addons():
        translations.check_pot(addon)


def tests_of_bridges():
    """The tests of the addons that install themselves, with Odoo's apps on their other side."""
    bridges = templates.bridges()
    if not bridges:
        return
    with database.throwaway('bridges') as name:
        templates.copy_with_addons(name)
        done = subprocess.run(
            odoo.pytest(bridges, name),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=REPO,
            env=odoo.environment(),
            check=False,
        )
    if done.returncode:
        hint = f"./dev test {' '.join(bridges)}"
        raise Fail('tests of bridges', f"exit {done.returncode}\n{done.stdout}", hint)


def _uninstall_script(ours):
    return f"addons = {ours!r}\n" + _script('uninstall')


def _same(what, before, after):
    more, less = sorted(after - before), sorted(before - after)
    if more or less:
        lines = [f"+ {' '.join(map(str, row))}" for row in more]
        lines += [f"- {' '.join(map(str, row))}" for row in less]
        if len(lines) > MOST_LINES:
            lines[MOST_LINES:] = [f"and {len(lines) - MOST_LINES} more"]
        raise Fail('lifecycle', f"{what} is not as it was before:\n  " + '\n  '.join(lines))


# those that start from Odoo alone come first: a whole test run installs the addons meanwhile, and
# the others copy that database
CHECKS = {
    function.__name__: function
    for function in (
        uninstall,
        install_on_existing_pipeline,
        upgrade_twice,
        tests_of_bridges,
        translation_template,
        install_and_uninstall_with_demo_data,
    )
}
