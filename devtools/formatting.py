"""The formatters: ./dev format lets them write, ./dev lint lets them check."""

import os
import subprocess

from .console import Fail, run, say
from .settings import LINT_VENV, REPO

NODE = REPO / 'node_modules/.bin'


def files(*endings):
    """The repository's files with one of these endings, whether committed yet or not."""
    command = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    listed = run('git ls-files', command, "is this a git checkout?", cwd=REPO).split('\0')
    found = (name for name in listed if name.endswith(endings or ('',)))
    return sorted({name for name in found if (REPO / name).is_file()})


def prettier_files():
    names = files('.js', '.mjs', '.cjs', '.scss', '.xml')
    # an .xml is read by people where it is a template; Odoo's data files have a style of their own
    return [name for name in names if not name.endswith('.xml') or '/static/' in name]


def commands(write):
    ruff = [LINT_VENV / 'bin/ruff', 'format', *([] if write else ['--check', '--diff']), '.']
    prettier = [NODE / 'prettier', '--write' if write else '--check', *prettier_files()]
    return {'ruff format': ruff, 'prettier': prettier}


def write():
    fix = [LINT_VENV / 'bin/ruff', 'check', '--select', 'I', '--fix', '.']
    for name, command in {'ruff (imports)': fix, **commands(write=True)}.items():
        say(name)
        done = subprocess.run([os.fspath(part) for part in command], cwd=REPO, check=False)
        if done.returncode:
            raise Fail(name, "see above", "correct the syntax error that it names")
