"""Build a wheel and a zip of each addon.

As a program, it checks that the wheels match the source.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

from .console import run, say
from .settings import ENV_DIR, LINT_VENV, REPO, addons
from .source import files

DIST = ENV_DIR / 'dist'
# files of the addon's source that only the build of the wheel needs
BUILD_FILES = {'pyproject.toml'}


def build(folder=DIST):
    """Build the packages of all addons in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for addon in addons():
        for old in (*folder.glob(f'odoo_addon_{addon}-*.whl'), folder / f'{addon}.zip'):
            old.unlink(missing_ok=True)
        say(_wheel(addon, folder))
        say(_zip(addon, folder))


def difference(addon):
    """Return the files that the wheel lacks (-), and those that the source lacks (+)."""
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(_wheel(addon, Path(folder))) as wheel,
    ):
        packed = {name for name in wheel.namelist() if '.dist-info/' not in name}
    source = {f'odoo/addons/{name}' for name in _source(addon)}
    missing = source - packed - {f'odoo/addons/{addon}/{name}' for name in BUILD_FILES}
    found = [f"- {name}" for name in sorted(missing)]
    return found + [f"+ {name}" for name in sorted(packed - source)]


def _source(addon):
    return [name for name in files() if name.startswith(f'{addon}/')]


def _wheel(addon, folder):
    python = LINT_VENV / 'bin/python'
    options = ['--no-deps', '--no-build-isolation', '--no-index', '-q']
    with tempfile.TemporaryDirectory() as fresh:
        run('pip wheel', [python, '-m', 'pip', 'wheel', *options, '-w', fresh, REPO / addon])
        [wheel] = Path(fresh).glob('*.whl')
        return wheel.replace(folder / wheel.name)


def _zip(addon, folder):
    path = folder / f'{addon}.zip'
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name in _source(addon):
            if Path(name).name not in BUILD_FILES:
                archive.write(REPO / name, name)
    return path


if __name__ == '__main__':
    sys.exit('\n'.join(text for addon in addons() for text in difference(addon)) or 0)
