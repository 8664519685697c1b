"""Databases of the benchmark: made, copied, renamed and dropped with their files."""

import shutil
from contextlib import closing, contextmanager
from pathlib import Path

from odoo.service.db import _create_empty_database as create_empty
from odoo.service.db import _drop_conn, database_identifier
from odoo.sql_db import close_db, db_connect
from odoo.tools import SQL, config

SEED_KEY = 'devtools.bench.seed'


@contextmanager
def server_cursor():
    """A cursor outside of any transaction, as statements on databases need it."""
    with closing(db_connect('postgres').cursor()) as cr:
        cr._cnx.autocommit = True
        yield cr


def exists(name):
    with server_cursor() as cr:
        cr.execute(SQL("SELECT FROM pg_database WHERE datname = %s", name))
        return bool(cr.rowcount)


def drop(name):
    close_db(name)
    with server_cursor() as cr:
        _drop_conn(cr, name)
        cr.execute(SQL("DROP DATABASE IF EXISTS %s", database_identifier(cr, name)))
    shutil.rmtree(config.filestore(name), ignore_errors=True)


def copy(source, target):
    """Make `target` a copy of `source`; a former one is dropped."""
    drop(target)
    close_db(source)
    with server_cursor() as cr:
        _drop_conn(cr, source)
        cr.execute(
            SQL(
                "CREATE DATABASE %s TEMPLATE %s",
                database_identifier(cr, target),
                database_identifier(cr, source),
            )
        )
    if Path(config.filestore(source)).is_dir():
        shutil.copytree(config.filestore(source), config.filestore(target))


def rename(source, target):
    close_db(source)
    drop(target)
    if Path(config.filestore(source)).is_dir():
        shutil.move(config.filestore(source), config.filestore(target))
    with server_cursor() as cr:
        _drop_conn(cr, source)
        cr.execute(
            SQL(
                "ALTER DATABASE %s RENAME TO %s",
                database_identifier(cr, source),
                database_identifier(cr, target),
            )
        )


def vacuum(name):
    """Statistics and visibility as autovacuum would bring them about, but now."""
    with closing(db_connect(name).cursor()) as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM (ANALYZE)")


def seed_of(name):
    """What a database was seeded with, by our own mark; None for any other database."""
    with closing(db_connect(name).cursor()) as cr:
        cr.execute("SELECT to_regclass('ir_config_parameter')")
        if not cr.fetchone()[0]:
            return None
        cr.execute(SQL("SELECT value FROM ir_config_parameter WHERE key = %s", SEED_KEY))
        row = cr.fetchone()
        return row and row[0]


__all__ = ['copy', 'create_empty', 'drop', 'exists', 'rename', 'seed_of', 'vacuum']
