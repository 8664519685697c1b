"""./dev test: all tests, or those that its arguments name, in two lanes for two cores.

The first lane has the tests of the addons. Those that anyone may install are tested without Odoo's
apps that they do not depend on; the bridges to these apps in a database of their own. The second
lane has checks/, in a process without Odoo; its output is shown when the first lane has ended.
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
# of each run, conftest.py counts what passed and failed into the file that this variable names
COUNTS = 'SFM_COUNTS'
SLOWEST = ('--durations=15', '--durations-min=5')
PATIENCE = 30
# how pytest ends when it finds no test
NO_TESTS = 5


class Result(NamedTuple):
    """What became of a run of pytest."""

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
    """Those of the paths that are in one of the repository's folders."""
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
        # without the addon there is nothing for its tests, but the other lane may tell why
        print(failure, file=sys.stderr)
        return Result(code=1, failed=1)


def _pytest(arguments, name=None):
    with _running(arguments, name) as result:
        return result()


@contextlib.contextmanager
def _running(arguments, name=None, output=None):
    """Let pytest run; gives a function that waits for the result.

    Without the name of a database it runs without Odoo. Interrupted, it may close its browser and
    drop its databases; Ctrl-C reaches it from here alone, so that nothing disturbs it in this.
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
            # a run that ended before it counted has failed itself
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
    """Say how many tests passed and failed in all; return the worst exit code."""
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    print(f"total: {passed} passed, {failed} failed", flush=True)
    # where one of several runs had nothing to do, the others count
    return max((result.code for result in results if result.code != NO_TESTS), default=NO_TESTS)
