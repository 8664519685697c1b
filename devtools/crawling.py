"""Run the programs of devtools/browsing with a server, whose log must be clean."""

import subprocess

from . import database, logcheck, odoo, serving, templates
from .console import Fail
from .settings import LOGS, REPO

HINT = "./dev crawl --pictures DIR keeps a picture of every page"


def crawl(name, *options):
    """Check all pages of a database for errors, as users open them."""
    _program('crawl', name, *options)


def screenshots():
    """Take the pictures of the README, from demo data as of the installation."""
    with database.throwaway('screenshots') as name:
        templates.copy_with_addons(name, demo=True)
        _program('screenshots', name, REPO / 'sales_funnel_mgmt/static/description')


def _program(module, name, *arguments):
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f'{module}-{name}.log'
    with serving.running(name, log) as url:
        done = subprocess.run(
            [odoo.PYTHON, '-m', f'devtools.browsing.{module}', url, name, *arguments],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO,
            env=odoo.environment(),
            check=False,
        )
    if done.returncode:
        raise Fail(module, done.stderr.strip(), HINT)
    problems = logcheck.problems(log.read_text(errors='replace'))
    if problems:
        why = "Odoo logged what it should not:\n" + '\n'.join(problems)
        raise Fail(module, why, f"the whole log: {log}")
    log.unlink()
