"""Create, copy, rename and drop databases with their filestores.

A throw-away database belongs to the process that holds the lock of its name. The lock distinguishes
databases in use from those of killed runs.
"""

import contextlib
import fcntl
import itertools
import json
import os
import shutil

from .console import Fail
from .settings import DATA, DB_PREFIX, ENV_DIR, lock
from .sql import query

FILESTORE = DATA / 'filestore'
RUN = ENV_DIR / 'run'
_counter = itertools.count(1)


def existing():
    return {name for (name,) in query('postgres', "SELECT datname FROM pg_database")}


def create(name, template='template0'):
    # Odoo's own `createdb` uses this locale, since it sorts in the order of C.
    query(
        'postgres',
        f'CREATE DATABASE "{name}" TEMPLATE "{template}"'
        + (" ENCODING 'UTF8' LC_COLLATE 'C'" if template == 'template0' else ''),
    )


def copy(source, target):
    """Create `target` as a copy of a database that nobody is connected to."""
    drop(target)
    # PostgreSQL does not copy a template twice at the same time.
    with lock('copy'):
        create(target, template=source)
    if (FILESTORE / source).exists():
        shutil.copytree(FILESTORE / source, FILESTORE / target)


def rename(source, target):
    """Rename a complete database and its filestore.

    The filestore moves first: after an interruption, the database does not have its final name, and
    is built again.
    """
    shutil.rmtree(FILESTORE / target, ignore_errors=True)
    if (FILESTORE / source).exists():
        (FILESTORE / source).rename(FILESTORE / target)
    query('postgres', f'ALTER DATABASE "{source}" RENAME TO "{target}"')


def drop(name):
    query('postgres', f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(FILESTORE / name, ignore_errors=True)


def mark(name, **facts):
    """Store facts about a database in its comment."""
    text = json.dumps({'made_by': DB_PREFIX, **facts}).replace("'", "''")
    query('postgres', f"COMMENT ON DATABASE \"{name}\" IS '{text}'")


def facts(name):
    """Return the facts of `mark`, or {} for a database that ./dev did not make in this checkout.

    A database of another checkout is of no use, since its files are in the filestore there.
    """
    rows = query(
        'postgres',
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database "
        f"WHERE datname = '{name.replace(chr(39), '')}'",
    )
    with contextlib.suppress(ValueError, TypeError, IndexError):
        found = json.loads(rows[0][0])
        if found.get('made_by') == DB_PREFIX:
            return found
    return {}


def check_name(name):
    if not name or not all(char.isalnum() or char in '_-.' for char in name):
        raise Fail('database', f"{name!r} is no database name", "use letters, digits, _ - .")


@contextlib.contextmanager
def throwaway(kind):
    """Return the name of a new database, which is dropped at the end, also after Ctrl-C."""
    RUN.mkdir(parents=True, exist_ok=True)
    name = f'{DB_PREFIX}run_{kind}_{os.getpid()}_{next(_counter)}'
    lockfile = RUN / f'{name}.lock'
    with open(lockfile, 'w', encoding='utf-8') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield name
        finally:
            drop(name)
            lockfile.unlink(missing_ok=True)


def drop_leftovers():
    """Drop the throw-away databases of runs that were killed."""
    for name in existing():
        if name.startswith(f'{DB_PREFIX}run_') and not _in_use(name):
            drop(name)
            (RUN / f'{name}.lock').unlink(missing_ok=True)


def _in_use(name):
    try:
        with open(RUN / f'{name}.lock', encoding='utf-8') as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
