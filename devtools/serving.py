"""Create databases by name and serve them, for `./dev demo` and `./dev serve`."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time

from . import database, odoo, postgres, templates
from .console import Fail, phase, say
from .settings import LOGS, REPO, addons
from .sql import query

FIRST_PORT = 8069
START_TIMEOUT = 120


def ensure_database(name, demo=False):
    """Create the database `name` if it is missing, else update the addons in it.

    It is built with another name, so that `name` exists only once it is complete.
    """
    database.check_name(name)
    database.drop_leftovers()
    code = templates.code_hash()
    if name not in database.existing():
        _build(name, demo, code)
        return
    known = database.facts(name)
    if not known:
        if demo:
            raise Fail(
                'database',
                f"the server has a database {name!r} that was not made by ./dev in this checkout",
                "choose another name: ./dev demo -d NAME",
            )
        say(f"database {name}: not made by ./dev, used as it is")
    elif known.get('code') != code:
        with phase(f"database {name}: the addons changed, upgrade"):
            names = ','.join(addons())
            options = ('-d', name, '-i', names, '-u', names, '--stop-after-init', *odoo.QUIET)
            try:
                odoo.call('upgrade the addons', *options, check_log=False)
            except Fail as failure:
                if demo:
                    failure.hint += (
                        f"\n    or create the database again: ./dev demo --fresh -d {name}"
                    )
                raise
        database.mark(name, **{**known, 'code': code})


def _build(name, demo, code):
    with database.throwaway('build') as building, phase(f"database {name}"):
        if demo:
            source = templates.stock(templates.external_depends(), demo=True)
            database.copy(source, building)
            odoo.install('install the addons', building, addons(), '--with-demo', check_log=False)
        else:
            templates.copy_with_addons(building)
        database.mark(building, code=code, demo=demo)
        database.rename(building, name)


def drop_own(name):
    """Drop a database that ./dev made in this checkout, but no other."""
    if database.facts(name):
        say(f"drop database {name}")
        database.drop(name)


def serve(name, port=None, reload=False, demo=False):
    """Run the server in the foreground until it is stopped; return its exit code."""
    ensure_database(name, demo=demo)
    port = _port(port)
    options = ['-d', name, '--db-filter', f'^{name}$', '--http-port', str(port)]
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f'{name}-{port}.log'
    if reload:
        options.append('--dev=reload,xml,qweb')
    with contextlib.ExitStack() as stack:
        # Developers read the log.
        output = None if reload else stack.enter_context(open(log, 'a', encoding='utf-8'))
        server = _start(options, output)
        try:
            _wait_until_up(server, port, log)
            _announce(name, port, None if reload else log)
            return server.wait()
        except KeyboardInterrupt:
            say("stopping the server")
            return 0
        finally:
            _end(server)


@contextlib.contextmanager
def running(name, log):
    """Run a server for a database during the block, with its log in a file, and return the address."""
    port = _port(None)
    options = ['-d', name, '--db-filter', f'^{name}$', '--http-port', str(port)]
    with open(log, 'w', encoding='utf-8') as output:
        server = _start([*options, '--max-cron-threads=0'], output)
        try:
            _wait_until_up(server, port, log)
            yield f'http://127.0.0.1:{port}'
        finally:
            _end(server)


def _start(options, output):
    return subprocess.Popen(
        odoo.command(*options),
        env=odoo.environment(),
        cwd=REPO,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )


def _end(server):
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            server.kill()
            server.wait()


def _port(wanted):
    for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            # As the server does: a connection that is being closed does not block the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(('127.0.0.1', port))
                return port
    raise Fail('server', f"port {wanted or FIRST_PORT} is taken", "choose one with --port")


def _wait_until_up(server, port, log):
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Fail('server', f"Odoo ended with {server.returncode}", f"see {log}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
            connection.request('GET', '/web/login')
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise Fail('server', f"no answer within {START_TIMEOUT} s", f"see {log}")


def _announce(name, port, log):
    modules = ', '.join(f"'{addon}'" for addon in ['base', *addons()])
    logins = query(
        name,
        "SELECT u.login FROM res_users u JOIN ir_model_data d ON d.res_id = u.id "
        f"AND d.model = 'res.users' WHERE u.active AND NOT u.share AND d.module IN ({modules}) "
        "AND u.login NOT IN ('__system__', 'admin') ORDER BY d.module, u.login",
    )
    print(f"\n    Odoo is at   http://127.0.0.1:{port}/odoo", flush=True)
    print("    log in as    admin   password: admin")
    if logins:
        print(f"    or as        {', '.join(login for (login,) in logins)}")
        print("                 (demo users: the password is the login)")
    print(f"    database     {name}" + (" (your server)" if postgres.is_external() else ""))
    if log:
        print(f"    log          {os.path.relpath(log)}")
    print("    Ctrl-C stops it\n", flush=True)
