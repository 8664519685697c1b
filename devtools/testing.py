"""./dev test: everything in one pytest run, or what its arguments name.

A whole run has two lanes, for two cores: pytest with the addons' tests in front; behind it the
checks of background.py, which the tests of checks/ wait for. To add a phase, add a check there.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import background, database, odoo, setup, templates
from .console import phase
from .settings import CONF, REPO, addons

CHECKS = 'checks'
PATIENCE = 30


def run(arguments):
    with phase("environment"):
        setup.for_tests()
        database.drop_leftovers()
    return _some(arguments) if arguments else _all()


def _all():
    templates.stock(templates.external_depends())
    folder = Path(tempfile.mkdtemp(prefix='sfm-outcomes-'))
    try:
        with background.running(folder), database.throwaway('test') as name:
            with phase(f"install {', '.join(addons())} in a new database"):
                outcome = background.evaluate(lambda: _install(name))
                background.record(folder, 'install', outcome)
            # without the addon there is nothing for its tests, but the checks may tell why
            paths = [CHECKS] if outcome['error'] else [*addons(), CHECKS]
            database_of_tests = None if outcome['error'] else name
            return _pytest([*paths], database_of_tests, **{background.VARIABLE: str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(name):
    database.copy(templates.stock(templates.external_depends()), name)
    odoo.install('install the addons', name, addons())
    templates.keep_with_addons(name)


def _some(arguments):
    paths = [text.split('::')[0] for text in arguments if (REPO / text.split('::')[0]).exists()]
    if not paths:
        arguments = [*addons(), CHECKS, *arguments]
    elif all(Path(path).parts[0] == CHECKS for path in paths):
        return _pytest(arguments, None)
    with database.throwaway('test') as name:
        templates.copy_with_addons(name)
        return _pytest(arguments, name)


def _pytest(arguments, name, **variables):
    """Run pytest; without the name of a database, without Odoo."""
    options = ['-p', 'no:odoo']
    if name:
        options = ['--odoo-config', CONF, '--odoo-database', name, '--odoo-http']
        # the level from which on Odoo hands records to the guard in conftest.py
        options += ['--odoo-log-level', 'warn']
    process = subprocess.Popen(
        [odoo.PYTHON, '-m', 'pytest', *options, *arguments],
        cwd=REPO,
        env={**odoo.environment(), **variables},
        stdin=subprocess.DEVNULL,
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # pytest was interrupted as well: let it close its browser
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
