"""Running Odoo: its configuration file, its environment, its commands with a checked log."""

import os
import subprocess
from pathlib import Path

from . import logcheck, postgres
from .console import Fail
from .settings import CONF, DATA, ENV_DIR, LOGS, REPO, VENV, state, write_atomically

PYTHON = VENV / 'bin/python'
ODOO_BIN = ENV_DIR / 'odoo-bin'
# Servers and shells: without threads for scheduled actions, which would disturb what is going on
QUIET = ('--max-cron-threads=0', '--no-http')


def write_conf():
    """Generate .odoo/odoo.conf, which every Odoo of this checkout is started with."""
    root = Path(state()['odoo']['path'])
    # a git checkout of Odoo has most of its addons beside the odoo folder
    paths = [path for path in (root / 'addons', REPO) if path.is_dir()]
    server = postgres.environment()
    text = f"""\
[options]
addons_path = {','.join(map(str, paths))}
data_dir = {DATA}
db_host = {server['PGHOST']}
db_port = {server['PGPORT']}
db_user = {server['PGUSER']}
http_interface = 127.0.0.1
"""
    if not CONF.exists() or CONF.read_text() != text:
        write_atomically(CONF, text)


def environment():
    """os.environ for Odoo and our programs: the database server, our venv, predictable time."""
    programs = postgres.bindir()
    path = [str(VENV / 'bin'), *([str(programs)] if programs else []), os.environ['PATH']]
    return {
        **os.environ,
        **postgres.environment(),
        'PATH': os.pathsep.join(path),
        # not every subcommand of odoo-bin takes -c in the same place
        'ODOO_RC': str(CONF),
        'PYTHONUNBUFFERED': '1',
        'TZ': 'UTC',
    }


def command(*arguments):
    """The command line of `odoo-bin`; the first argument may be one of its subcommands."""
    subcommand = 'server'
    if arguments and not str(arguments[0]).startswith('-'):
        subcommand, *arguments = arguments
    return [PYTHON, ODOO_BIN, subcommand, *arguments]


def pytest(arguments, name):
    """The command line of pytest; without the name of a database, without Odoo."""
    options = ['-p', 'no:odoo']
    if name:
        options = ['--odoo-config', CONF, '--odoo-database', name, '--odoo-http']
        # the level from which on Odoo hands records to the guard in conftest.py
        options += ['--odoo-log-level', 'warn']
    return [PYTHON, '-m', 'pytest', *options, *arguments]


def call(step, *arguments, script=None, check_log=True, log=None):
    """Run Odoo to its end and return its output.

    Raise Fail when it fails, or when it logged a warning or an error that is not upstream's.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = log or LOGS / f"{step.replace(' ', '-')}-{os.getpid()}.log"
    with open(log, 'w', encoding='utf-8') as output:
        done = subprocess.run(
            command(*arguments),
            input=script or '',
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
            cwd=REPO,
            check=False,
        )
    text = log.read_text(errors='replace')
    if done.returncode:
        tail = '\n    '.join(text.splitlines()[-25:])
        raise Fail(step, f"Odoo ended with {done.returncode}\n    {tail}", f"the whole log: {log}")
    problems = logcheck.problems(text) if check_log else []
    if problems:
        why = "Odoo logged what it should not:\n    " + '\n    '.join(problems)
        raise Fail(step, why, f"the whole log: {log}")
    log.unlink()
    return text


def shell(step, database, script, **options):
    """Run a Python script in `odoo shell` (with `env`); an exception in it is a failure."""
    return call(step, 'shell', '-d', database, *QUIET, script=script, **options)


def install(step, database, modules, *options, **keywords):
    arguments = ('-d', database, '-i', ','.join(modules), '--stop-after-init', *QUIET)
    return call(step, *arguments, *options, **keywords)


def upgrade(step, database, modules, **keywords):
    arguments = ('-d', database, '-u', ','.join(modules), '--stop-after-init', *QUIET)
    return call(step, *arguments, **keywords)
