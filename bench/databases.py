"""Copy, rename and inspect the databases of the benchmark."""

from odoo.sql_db import close_db

from devtools import database
from devtools.sql import query

SEED_KEY = 'devtools.bench.seed'


def copy_closed(source, target):
    """Copy a database after closing the connections of this process, which PostgreSQL requires."""
    close_db(source)
    database.copy(source, target)


def rename_closed(source, target):
    """Rename the seeded `source` to `target`, and drop a former `target`."""
    close_db(source)
    database.drop(target)
    database.rename(source, target)


def vacuum(name):
    """Update statistics and visibility maps at once, as autovacuum would later."""
    query(name, "VACUUM (ANALYZE)")


def seed_of(name):
    """Return the parameters of the seeding from the mark in a database; None for others."""
    if query(name, "SELECT to_regclass('ir_config_parameter')") == [[None]]:
        return None
    rows = query(name, f"SELECT value FROM ir_config_parameter WHERE key = '{SEED_KEY}'")
    return rows[0][0] if rows else None
