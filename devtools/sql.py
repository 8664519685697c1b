"""Run SQL by psycopg2 of Odoo's venv, since a machine may lack psql.

As a program in that venv, it runs the statement of the standard input on the database of argument 1,
and prints the rows as JSON.
"""

import json
import subprocess
import sys

from . import odoo
from .console import Fail
from .settings import REPO


def query(database, statement):
    """Return the rows of `statement` as lists."""
    done = subprocess.run(
        [odoo.PYTHON, '-m', 'devtools.sql', database],
        input=statement,
        capture_output=True,
        text=True,
        env=odoo.environment(),
        cwd=REPO,
        check=False,
    )
    if done.returncode:
        why = f"{statement.strip()[:200]}\n    {done.stderr.strip()[-500:]}"
        raise Fail('database', why, "does the PostgreSQL server answer, and may you do this there?")
    return json.loads(done.stdout)


def _main():
    import psycopg2

    try:
        connection = psycopg2.connect(dbname=sys.argv[1], connect_timeout=10)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sys.stdin.read())
            rows = cursor.fetchall() if cursor.description else []
    except psycopg2.Error as error:
        sys.exit(str(error))
    json.dump(rows, sys.stdout, default=str)


if __name__ == '__main__':
    _main()
