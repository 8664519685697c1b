"""Run Odoo: write its configuration, set its environment, and check its log."""

import os
import subprocess
from pathlib import Path

from . import logcheck, postgres
from .console import Fail
from .settings import CONF, DATA, ENV_DIR, LOGS, REPO, VENV, state, write_atomically

PYTHON = VENV / 'bin/python'
ODOO_BIN = ENV_DIR / 'odoo-bin'
# Servers and shells run no threads for scheduled actions, which would disturb the work.
QUIET = ('--max-cron-threads=0', '--no-http')


def write_conf():
    """Generate .odoo/odoo.conf, the configuration of each Odoo of this checkout."""
    root = Path(state()['odoo']['path'])
    # A git checkout of Odoo has most addons beside the odoo folder.
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
    """Return os.environ with the database server, the venv and a fixed time zone."""
    programs = postgres.bindir()
    path = [str(VENV / 'bin'), *([str(programs)] if programs else []), os.environ['PATH']]
    return {
        **os.environ,
        **postgres.environment(),
        'PATH': os.pathsep.join(path),
        # The subcommands of odoo-bin take -c in different places.
        'ODOO_RC': str(CONF),
        'PYTHONUNBUFFERED': '1',
        'TZ': 'UTC',
    }


def command(*arguments):
    """Return the command line of `odoo-bin`; the first argument can be a subcommand."""
    subcommand = 'server'
    if arguments and not str(arguments[0]).startswith('-'):
        subcommand, *arguments = arguments
    return [PYTHON, ODOO_BIN, subcommand, *arguments]


def pytest(arguments, name):
    """Return the command line of pytest; without a database, it runs without Odoo."""
    options = ['-p', 'no:odoo']
    if name:
        options = ['--odoo-config', CONF, '--odoo-database', name, '--odoo-http']
        # The lowest level of log records that reach the guard in conftest.py.
        options += ['--odoo-log-level', 'warn']
    return [PYTHON, '-m', 'pytest', *options, *arguments]


def call(step, *arguments, script=None, check_log=True, log=None):
    """Run Odoo until it exits, and return its output.

    Raise Fail if it fails, or if it logs a warning or an error that is not one of Odoo itself.
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
