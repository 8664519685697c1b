"""Set up Odoo, its Python environment and PostgreSQL, in this order.

Each step checks whether it is done, so that the setup can be interrupted and repeated.
"""

import subprocess

from . import browser, odoo, postgres, tree, venv
from .console import Fail, phase, run
from .settings import ENV_DIR, REPO, cache_dir, lock, sha256


def environment():
    with lock('setup'):
        (ENV_DIR / '.gitignore').write_text('*\n')
        venv.ensure_odoo(tree.ensure())
        postgres.ensure_programs()
    postgres.start()
    odoo.write_conf()


def for_browsing():
    """Set up the packages that drive a browser as well."""
    browser.require()
    environment()
    with lock('setup'):
        venv.ensure_tests()


def for_tests():
    for_browsing()
    lint_tools()


def lint_tools():
    with lock('lint'):
        venv.ensure_lint()
        _node_modules()


def _node_modules():
    key = sha256(REPO / 'package-lock.json')
    mark = REPO / 'node_modules' / '.sfm_key'
    if mark.exists() and mark.read_text() == key:
        return
    _require_node()
    with phase("JavaScript tools (npm ci)"):
        cache = cache_dir()
        options = ['--no-audit', '--no-fund', *(['--cache', cache / 'npm'] if cache else [])]
        run('npm ci', ['npm', 'ci', *options], "does npm reach its registry?", cwd=REPO)
        mark.write_text(key)


def _require_node():
    try:
        done = subprocess.run(['node', '--version'], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise Fail('npm ci', "node is not on this machine", "apt-get install nodejs npm") from None
    if int(done.stdout.lstrip('v').split('.')[0]) < 18:
        raise Fail(
            'npm ci', f"node {done.stdout.strip()} is too old", "install Node.js 18 or newer"
        )
