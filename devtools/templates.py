"""Keep databases to copy: those with Odoo's own modules, and those with the addons as well.

The name of a template ends in a hash of its contents, so that a stale one is never used.
"""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import database, odoo, postgres
from .console import phase, say
from .settings import (
    DB_PREFIX,
    LANGUAGE,
    REPO,
    REQUIREMENTS,
    addons,
    cache_dir,
    lock,
    sha256,
    state,
)

# version of the procedure that builds templates
RECIPE = 2
# files of an addon that do not require an upgrade of a database
NOT_INSTALLED = {'tests', '__pycache__', 'description'}


def _key(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]


def manifest(addon):
    return ast.literal_eval((REPO / addon / '__manifest__.py').read_text())


def core_addons():
    """Return the addons that users install.

    The others are bridges, which are installed automatically with another app of Odoo.
    """
    return [addon for addon in addons() if not manifest(addon).get('auto_install')]


def bridges():
    return [addon for addon in addons() if addon not in core_addons()]


def external_depends(ours=None):
    """Return the modules of Odoo that addons of this repository depend on, by default all addons."""
    ours = ours or addons()
    depends = {name for addon in ours for name in manifest(addon).get('depends', [])}
    return sorted(depends - set(addons())) or ['base']


def code_hash():
    """Return a hash of the files of the addons that affect the content of a database."""
    digest = hashlib.sha256()
    for addon in addons():
        for path in sorted((REPO / addon).rglob('*')):
            if path.is_file() and not NOT_INSTALLED.intersection(path.relative_to(REPO).parts):
                digest.update(f'{path.relative_to(REPO)}\0'.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def stock(modules=('crm',), demo=False):
    """Return the name of a template with Odoo's own modules and zh_CN, without the addons."""
    key = _stock_key(modules, demo)
    name = f"{DB_PREFIX}tpl_{'demo_' if demo else ''}{key}"
    with lock(name):
        if name in database.existing():
            return name
        dump = _Dump(f"{'demo-' if demo else ''}{key}")
        with database.throwaway('tpl') as building:
            if dump.restore(building):
                say(f"template {name}: taken from the cache")
            else:
                with phase(f"template: {', '.join(modules)}{' with demo data' if demo else ''}"):
                    database.create(building)
                    # The first language is the default of all users.
                    options = [f'--load-language=en_US,{LANGUAGE}']
                    options += ['--with-demo'] if demo else []
                    # Warnings of Odoo itself are ignored.
                    odoo.install(
                        'create the template', building, modules, *options, check_log=False
                    )
                dump.save(building)
            database.rename(building, name)
        return name


def copy_with_addons(target, ours=None, demo=False):
    """Create a database with the addons, by default all of them."""
    ours = ours or addons()
    name = _addons_name(ours, demo)
    with lock(name):
        if name not in database.existing():
            _drop_stale()
            with database.throwaway('addons') as building, phase(f"install {', '.join(ours)}"):
                database.copy(stock(external_depends(ours), demo), building)
                options = ['--with-demo'] if demo else []
                odoo.install('install the addons', building, ours, *options)
                database.rename(building, name)
        database.copy(name, target)


def _drop_stale():
    """Drop the templates with former versions of the addons."""
    current = {_addons_name(ours) for ours in (addons(), core_addons())}
    current.add(_addons_name(addons(), demo=True))
    for name in database.existing():
        if name.startswith(f'{DB_PREFIX}addons_') and name not in current:
            database.drop(name)


def _addons_name(ours, demo=False):
    key = _key(_stock_key(external_depends(ours), demo), code_hash(), ours)
    return f'{DB_PREFIX}addons_{key}'


def _stock_key(modules, demo):
    requirements = (REQUIREMENTS / 'odoo.txt').read_text()
    return _key(RECIPE, state()['odoo']['build'], requirements, sorted(modules), demo, LANGUAGE)


class _Dump:
    """A template in the shared cache. After any problem with it, the template is rebuilt."""

    def __init__(self, key):
        cache, programs = cache_dir(), postgres.bindir()
        self.path = None
        if cache and programs and not postgres.is_external():
            major = state()['pg']['major']
            self.path = cache / 'templates' / f'{key}-pg{major}.tar'
            self.checksum = self.path.with_suffix('.sha256')
            self.programs = programs

    def restore(self, name):
        try:
            if not self.path or sha256(self.path) != self.checksum.read_text().strip():
                return False
        except OSError:
            return False
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(self.path) as tar:
                tar.extractall(folder, **_SAFELY)
            database.create(name)
            command = [self.programs / 'pg_restore', '--no-owner', '-d', name, f'{folder}/dump']
            if subprocess.run(command, env=odoo.environment(), check=False).returncode:
                say("the cached template cannot be restored: building it again")
                database.drop(name)
                return False
            filestore = Path(folder) / 'filestore'
            if filestore.exists():
                shutil.copytree(filestore, database.FILESTORE / name, dirs_exist_ok=True)
        return True

    def save(self, name):
        if not self.path:
            return
        partial = self.path.with_suffix(f'.{os.getpid()}.tmp')
        with contextlib.suppress(OSError), tempfile.TemporaryDirectory() as folder:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            dump = Path(folder) / 'dump'
            command = [self.programs / 'pg_dump', '-Fc', '-f', dump, name]
            if subprocess.run(command, env=odoo.environment(), check=False).returncode:
                return
            with tarfile.open(partial, 'w') as tar:
                tar.add(dump, 'dump')
                if (database.FILESTORE / name).exists():
                    tar.add(database.FILESTORE / name, 'filestore')
            self.checksum.write_text(sha256(partial))
            partial.replace(self.path)


# Only newer versions of Python have this argument.
_SAFELY = {'filter': 'data'} if hasattr(tarfile, 'data_filter') else {}
