"""The checks that only read the source. Each raises Fail with what it found."""

import os
import re
import subprocess
import time

from . import formatting, hygiene, idioms, packaging, translations
from .console import Fail
from .formatting import NODE, files
from .settings import LINT_VENV, REPO, addons, state

LINT = LINT_VENV / 'bin'


def _tool(name, command, hint=''):
    environment = {**os.environ, 'PATH': f"{LINT}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [os.fspath(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=REPO,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise Fail(name, f"exit {done.returncode}\n{done.stdout}", hint)
    return done.stdout


def ruff():
    _tool('ruff check', [LINT / 'ruff', 'check', '.'])


def ruff_format():
    _tool('ruff format', formatting.commands(write=False)['ruff format'], "./dev format")


def pylint():
    # here and not in .pylintrc, whose `enable` comes last: the README is the repository's
    # README.md, and a large model such as crm.lead is extended in one file a concern
    options = ['--rcfile=.pylintrc', '--disable=missing-readme,consider-merging-classes-inherited']
    _tool('pylint', [LINT / 'pylint', *options, '--ignore-paths=.*/tests/.*', *addons()])
    # pylint-odoo excuses tests from translation only where they are right in the folder `tests`
    options[-1] += ',translation-required'
    _tool('pylint', [LINT / 'pylint', *options, *(f'{addon}/tests' for addon in addons())])


def oca_module():
    for addon in addons():
        _tool('oca-checks', [LINT / 'oca-checks-odoo-module', '--config=.oca_hooks.cfg', addon])


def oca_po():
    names = [name for name in files('.po', '.pot') if '/i18n/' in name]
    # Odoo's own export does not wrap lines as the check wants them
    if names:
        _tool('oca-checks-po', [LINT / 'oca-checks-po', '--disable=po-pretty-format', *names])


def manifest_licenses():
    _tool('manifestoo', [LINT / 'manifestoo', *_addons_path(), 'check-licenses'])


def _addons_path():
    root = os.path.join(state()['odoo']['path'], 'odoo', 'addons')
    return ['--select-addons-dir', REPO, '--addons-path', f'{REPO},{root}']


def eslint():
    _tool('eslint', [NODE / 'eslint', '--max-warnings=0', 'eslint.config.mjs', *_scripts()])


def _scripts():
    return [name for name in files('.js') if '/static/' in name and '/static/lib/' not in name]


def prettier():
    _tool('prettier', formatting.commands(write=False)['prettier'], "./dev format")


def old_idioms():
    names = [name for name in files() if name.split('/')[0] in addons()]
    _search('pre-19 idioms', idioms.findings, names)


def machine_paths():
    _search('paths and hosts', hygiene.findings, files())


def _search(step, findings, names):
    found = []
    for name in names:
        try:
            text = (REPO / name).read_text()
        except UnicodeDecodeError:
            continue
        found += findings(name, text)
    if found:
        raise Fail(step, '\n' + '\n'.join(found))


def translated():
    for addon in addons():
        translations.check_po(addon)


def shell_script():
    _tool('.ci/run', ['bash', '-n', '.ci/run'])


def compiles():
    """Our tooling on the oldest Python it promises to run on: no newer syntax."""
    _tool(
        'compileall', [LINT / 'ruff', 'check', '--target-version=py310', '--select=E9', 'devtools']
    )


def pinned():
    names = sorted((REPO / 'requirements').glob('*.txt'))
    for path in names:
        for line in path.read_text().splitlines():
            if not re.match(r'(#|$)|[\w.-]+==[\w.+]+(; .*)?$', line):
                raise Fail('pins', f"{path.name}: {line!r} is not pinned with ==")


def wheels():
    for addon in addons():
        packaging.check_wheel(addon)


CHECKS = {
    function.__name__: function
    for function in (
        ruff,
        ruff_format,
        pylint,
        oca_module,
        oca_po,
        manifest_licenses,
        eslint,
        prettier,
        old_idioms,
        machine_paths,
        translated,
        pinned,
        shell_script,
        compiles,
        wheels,
    )
}


def run_all():
    """Run every check and print what it found; return the exit code."""
    failed = 0
    for name, check in CHECKS.items():
        begin = time.monotonic()
        try:
            check()
            result = 'ok'
        except Fail as failure:
            failed += 1
            result = f'FAILED\n{failure.why}'
        print(f'{name:18} {time.monotonic() - begin:5.1f} s  {result}', flush=True)
    print(f'{len(CHECKS) - failed} passed, {failed} failed')
    return 1 if failed else 0
