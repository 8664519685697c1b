"""Every page of the addons in a browser: no error, nothing too wide, nothing left in English.

The check shows each page to an administrator and to a salesperson, in both languages and on both
widths; ./dev crawl shows each of them all four pairs of these.
"""

import os
import subprocess

from . import database, logcheck, odoo, serving, templates
from .console import Fail
from .settings import LOGS, REPO

HINT = "./dev crawl --pictures DIR keeps a picture of every page"


def crawl():
    with database.throwaway('crawl') as name:
        templates.copy_with_addons(name, demo=True)
        _served(name)


def whole(name, options):
    """Crawl a database of ./dev; it stays."""
    serving.ensure_database(name, demo=name == 'demo')
    _served(name, '--full', *options)


def _served(name, *options):
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f'crawl-{os.getpid()}.log'
    with serving.running(name, log) as url:
        done = subprocess.run(
            [odoo.PYTHON, '-m', 'devtools.browsing.crawl', url, name, *options],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPO,
            env=odoo.environment(),
            check=False,
        )
    if done.returncode:
        raise Fail('crawl', done.stderr.strip(), HINT)
    problems = logcheck.problems(log.read_text(errors='replace'))
    if problems:
        why = "Odoo logged what it should not:\n" + '\n'.join(problems)
        raise Fail('crawl', why, f"the whole log: {log}")
    log.unlink()


CHECKS = {'crawl': crawl}
