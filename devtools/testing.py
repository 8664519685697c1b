"""./dev test: everything in one pytest run, or what its arguments name.

A whole run has two lanes, for two cores: pytest with the addons' tests in front; behind it the
checks of background.py, which the tests of checks/ wait for. To add a phase, add a check there.

The addons that anyone may install are tested without Odoo's apps that they do not depend on; the
bridges to those apps are tested in a database of their own (in a whole run: by a check).
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from . import background, database, odoo, setup, templates
from .console import phase
from .settings import REPO, addons

CHECKS = 'checks'
PATIENCE = 30
# how pytest ends when it finds no test
NO_TESTS = 5


def run(arguments):
    with phase("environment"):
        setup.for_tests()
        database.drop_leftovers()
    return _some(arguments) if arguments else _all()


def _all():
    ours = templates.core_addons()
    templates.stock(templates.external_depends(ours))
    folder = Path(tempfile.mkdtemp(prefix='sfm-outcomes-'))
    try:
        with background.running(folder), database.throwaway('test') as name:
            with phase(f"install {', '.join(ours)} in a new database"):
                outcome = background.evaluate(lambda: _install(name, ours))
                background.record(folder, 'install', outcome)
            # without the addon there is nothing for its tests, but the checks may tell why
            paths = [CHECKS] if outcome['error'] else [*ours, CHECKS]
            database_of_tests = None if outcome['error'] else name
            return _pytest([*paths], database_of_tests, **{background.VARIABLE: str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(name, ours):
    database.copy(templates.stock(templates.external_depends(ours)), name)
    odoo.install('install the addons', name, ours)
    templates.keep_with_addons(name, ours)


def _some(arguments):
    """Run what is named: in a database with the bridges, or without them, or in both in turn."""
    paths = [text for text in arguments if (REPO / text.split('::')[0]).exists()]
    options = [text for text in arguments if text not in paths]
    bridges = templates.bridges()
    ours = templates.core_addons()
    of_bridges = [path for path in paths if Path(path).parts[0] in bridges]
    others = [path for path in paths if path not in of_bridges]
    if not paths:
        of_bridges, others = bridges, [*ours, CHECKS]
    codes = []
    if others and all(Path(path.split('::')[0]).parts[0] == CHECKS for path in others):
        codes.append(_pytest([*others, *options], None))
    elif others:
        codes.append(_in_copy([*others, *options], ours))
    if of_bridges:
        codes.append(_in_copy([*of_bridges, *options], addons()))
    # where one of two runs had nothing to do, the other one counts
    return max((code for code in codes if code != NO_TESTS), default=NO_TESTS)


def _in_copy(arguments, ours):
    with database.throwaway('test') as name:
        templates.copy_with_addons(name, ours)
        return _pytest(arguments, name)


def _pytest(arguments, name, **variables):
    """Run pytest; without the name of a database, without Odoo."""
    process = subprocess.Popen(
        odoo.pytest(arguments, name),
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
