"""Run all tests, or those in the arguments of `./dev test`, in two parallel processes.

The first process runs the tests of the addons. Bridges have a separate database, since the other
addons are tested without the apps that the bridges need. The second process runs checks/ without Odoo,
and its output is shown after that of the first.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from typing import NamedTuple

from . import database, odoo, setup, templates
from .console import Fail, phase
from .settings import REPO, addons

CHECKS = 'checks'
# variable with the path of a file, into which conftest.py writes the numbers of passed and failed tests
COUNTS = 'SFM_COUNTS'
SLOWEST = ('--durations=15', '--durations-min=5')
PATIENCE = 30
# exit code of pytest without tests
NO_TESTS = 5


class Result(NamedTuple):
    """The result of a run of pytest."""

    code: int
    passed: int = 0
    failed: int = 0


def run(arguments):
    with phase("environment"):
        setup.for_tests()
        database.drop_leftovers()
    paths = [text for text in arguments if (REPO / text.split('::')[0]).exists()]
    options = [text for text in arguments if text not in paths]
    paths = paths or [*addons(), CHECKS]
    bridges = templates.bridges()
    checks = _below([CHECKS], paths)
    of_bridges = _below(bridges, paths)
    others = [path for path in paths if path not in (*checks, *of_bridges)]
    in_front = [
        ([*named, *options], ours)
        for named, ours in ((others, templates.core_addons()), (of_bridges, addons()))
        if named
    ]
    if checks and in_front:
        results = _side_by_side([*checks, *SLOWEST, *options], in_front)
    elif checks:
        results = [_pytest([*checks, *SLOWEST, *options])]
    else:
        results = [_in_copy(*work) for work in in_front]
    return _conclude(results)


def _below(folders, paths):
    """Return the paths that are in a folder of the repository."""
    tops = {path: (REPO / path.split('::')[0]).resolve() for path in paths}
    return [
        path for path in paths if any(tops[path].is_relative_to(REPO / name) for name in folders)
    ]


def _side_by_side(checks, in_front):
    with tempfile.TemporaryFile('w+') as output:
        with _running(checks, output=output) as beside:
            results = [_in_copy(*work) for work in in_front]
            with phase(f"the tests in {CHECKS}/ go on"):
                results.append(beside())
        output.seek(0)
        print(output.read())
    return results


def _in_copy(arguments, ours):
    """Run pytest with a database in which these addons are installed."""
    try:
        with database.throwaway('test') as name:
            templates.copy_with_addons(name, ours)
            return _pytest(arguments, name)
    except Fail as failure:
        # The tests need the addon. The checks in the other process may show why it is not installed.
        print(failure, file=sys.stderr)
        return Result(code=1, failed=1)


def _pytest(arguments, name=None):
    with _running(arguments, name) as result:
        return result()


@contextlib.contextmanager
def _running(arguments, name=None, output=None):
    """Run pytest, and yield a function that waits for the result.

    Without a database, it runs without Odoo. After an interruption, pytest closes its browser and drops
    its databases. Only this function forwards Ctrl-C, so that a second signal does not disturb it.
    """
    with tempfile.NamedTemporaryFile('r') as counts:
        process = subprocess.Popen(
            odoo.pytest(arguments, name),
            cwd=REPO,
            env={**odoo.environment(), COUNTS: counts.name},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
        )

        def result():
            code = abs(process.wait())
            # A run that ended without numbers has failed.
            return Result(code, *map(int, counts.read().split() or (0, int(code != 0))))

        try:
            yield result
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(PATIENCE)
                except (subprocess.TimeoutExpired, KeyboardInterrupt):
                    os.killpg(process.pid, signal.SIGKILL)


def _conclude(results):
    """Print the total numbers of passed and failed tests, and return the worst exit code."""
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    print(f"total: {passed} passed, {failed} failed", flush=True)
    # Runs without tests do not count if others had tests.
    return max((result.code for result in results if result.code != NO_TESTS), default=NO_TESTS)
