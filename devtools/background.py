"""The checks that need no Odoo of the test run: worked off one by one beside it, on another core.

The tests in checks/ wait for an outcome and report it, so that one pytest run counts everything.
As a program: runs all checks, leaving an outcome file for each in the folder of argument 1.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import crawling, interruption, lifecycle, static
from .console import Fail
from .settings import REPO, write_atomically

# Which folder the outcomes are in is told to pytest by this variable
VARIABLE = 'SFM_OUTCOMES'
CHECKS = {**static.CHECKS, **lifecycle.CHECKS, **crawling.CHECKS, **interruption.CHECKS}
POLL = 0.2


def evaluate(check):
    """Run a check; its outcome is {'error': text or None, 'seconds': how long it took}."""
    begin, error = time.monotonic(), None
    try:
        check()
    except Fail as failure:
        error = f"{failure.step}: {failure.why}\n{failure.hint}".strip()
    except Exception as unexpected:  # noqa: BLE001 - an error in the check is a failure of it
        error = f'{type(unexpected).__name__}: {unexpected}'
    return {'error': error, 'seconds': time.monotonic() - begin}


def record(folder, name, outcome):
    write_atomically(Path(folder) / f'{name}.json', json.dumps(outcome))


@contextlib.contextmanager
def running(folder):
    """Work off all checks beside the block; end that when the block ends."""
    with open(folder / 'output.txt', 'w', encoding='utf-8') as output:
        process = subprocess.Popen(
            [sys.executable, '-m', 'devtools.background', folder],
            cwd=REPO,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches it from us, once, so that it can drop its databases undisturbed
            start_new_session=True,
        )
    (folder / 'pid').write_text(str(process.pid))
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait()


def outcome(name):
    """What became of a check: waited for in a whole run, else found out here."""
    if VARIABLE not in os.environ:
        return evaluate(CHECKS[name])
    folder = Path(os.environ[VARIABLE])
    file, pid = folder / f'{name}.json', int((folder / 'pid').read_text())
    while not file.exists():
        if not _alive(pid) and not file.exists():
            text = (folder / 'output.txt').read_text()[-3000:]
            return {'error': f"the background checks ended before this one\n{text}", 'seconds': 0}
        time.sleep(POLL)
    return json.loads(file.read_text())


def outcomes():
    """All outcomes so far, by name."""
    if VARIABLE not in os.environ:
        return {}
    files = Path(os.environ[VARIABLE]).glob('*.json')
    return {file.stem: json.loads(file.read_text()) for file in sorted(files)}


def _alive(pid):
    with contextlib.suppress(OSError):
        # a process that ended and was not yet waited for still has a folder there
        return ') Z ' not in Path(f'/proc/{pid}/stat').read_text()
    return False


def main(folder):
    for name, check in CHECKS.items():
        record(folder, name, evaluate(check))


if __name__ == '__main__':
    # the parent may have been told to ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        main(sys.argv[1])
