"""Remove the files and databases of ./dev in this checkout, on request also the shared cache."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from . import database, odoo, postgres
from .console import run, say
from .settings import DB_PREFIX, ENV_DIR, REPO, cache_dir

MADE = (ENV_DIR, REPO / 'node_modules', REPO / '.ruff_cache')
PATIENCE = 20


def clean(cache=False):
    folders = list(MADE)
    if ENV_DIR.exists():
        _stop_programs()
        if postgres.is_external():
            _drop_databases()
        else:
            postgres.stop()
        # The files of PostgreSQL lie elsewhere if it may not read this checkout.
        base, sock = postgres.places()
        folders += [base.parent, sock]
    if cache:
        folders.append(cache_dir())
    for folder in folders:
        if folder and folder.exists():
            size = int(run('du', ['du', '-sm', folder]).split()[0])
            shutil.rmtree(folder)
            say(f"removed {folder} ({size} MB)")


def _stop_programs():
    """Stop servers, shells and tests that run in this checkout's Python."""
    for pid in _programs():
        say(f"stop process {pid}")
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while _programs() and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in _programs():
        os.kill(pid, signal.SIGKILL)


def _programs():
    found = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        with contextlib.suppress(OSError):
            if path.read_bytes().split(b'\0')[0] == os.fsencode(odoo.PYTHON):
                found.append(int(path.parent.name))
    return found


def _drop_databases():
    """Drop the databases that ./dev made on the developer's own server."""
    if odoo.PYTHON.exists():
        for name in sorted(database.existing()):
            if name.startswith(DB_PREFIX) or database.facts(name):
                say(f"drop database {name}")
                database.drop(name)
