"""Open an Odoo registry and environment outside of Odoo's server."""

import threading
from contextlib import contextmanager

COMPANY_XMLID = 'base.main_company'


class DatabaseError(Exception):
    """The database cannot be used; the message gives the reason."""


def configure(config_path, database=None):
    """Load the configuration of Odoo as its server does.

    Call it once, before any other use of Odoo.
    """
    from odoo.tools import config

    arguments = ['-c', config_path, '--log-level', 'warn', '--no-http']
    if database:
        arguments += ['-d', database]
    config.parse_config(arguments, setup_logging=True)


def open_registry(database):
    """Return the registry of an Odoo database."""
    from odoo.modules.registry import Registry

    threading.current_thread().dbname = database
    return Registry(database)


def installed_modules(database):
    """Return the names of the installed modules. A database of another program has none.

    Check them before Odoo opens a registry, which would create tables in any database.
    """
    import psycopg2

    from odoo.modules.db import is_initialized
    from odoo.sql_db import db_connect

    try:
        with db_connect(database).cursor() as cr:
            if not is_initialized(cr):
                return set()
            cr.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
            return {name for (name,) in cr.fetchall()}
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DatabaseError(f"Database {database} cannot be opened: {reason}") from error


def require_modules(database, *names):
    """Refuse a database in which one of the modules is not installed."""
    missing = sorted(set(names) - installed_modules(database))
    if missing:
        raise DatabaseError(f"Database {database} lacks the Odoo module(s) {', '.join(missing)}")


@contextmanager
def open_env(registry, context=None):
    """Open an environment of the superuser in the main company, with its own cursor.

    The end of the block commits, and an error rolls back. Running servers are notified of changed
    caches.
    """
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {'lang': 'en_US', **(context or {})})
        company = env.ref(COMPANY_XMLID, raise_if_not_found=False)
        if company:
            env = env(context={**env.context, 'allowed_company_ids': company.ids})
        yield env
        env.flush_all()
    registry.signal_changes()
