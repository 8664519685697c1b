"""Databases of the benchmark: those of the other tools, and what only a benchmark asks of them."""

from odoo.sql_db import close_db

from devtools import database
from devtools.sql import query

SEED_KEY = 'devtools.bench.seed'


def copy_closed(source, target):
    """Copy a database that this process may have connections to, which PostgreSQL refuses."""
    close_db(source)
    database.copy(source, target)


def rename_closed(source, target):
    """Let `target` be what was seeded as `source`; a former one is dropped."""
    close_db(source)
    database.drop(target)
    database.rename(source, target)


def vacuum(name):
    """Statistics and visibility as autovacuum would bring them about, but now."""
    query(name, "VACUUM (ANALYZE)")


def seed_of(name):
    """What a database was seeded with, by our own mark; None for any other database."""
    if query(name, "SELECT to_regclass('ir_config_parameter')") == [[None]]:
        return None
    rows = query(name, f"SELECT value FROM ir_config_parameter WHERE key = '{SEED_KEY}'")
    return rows[0][0] if rows else None
