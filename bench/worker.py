"""One of the two processes that measure: it has one database open and does as it is told.

Commands come as lines on the standard input, the name of a measure each, and the figures go
back as a line of JSON. Everything is rolled back.
"""

import argparse
import json
import sys

from devtools.inside.session import configure, open_registry
from devtools.settings import CONF


def run(registry, work):
    """Do the work once in a transaction of its own, as the administrator, and undo it."""
    from odoo import SUPERUSER_ID, api

    from .measure import Stopwatch

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        admin = env.ref('base.user_admin')
        env = api.Environment(
            cr,
            admin.id,
            {'lang': 'en_US', 'allowed_company_ids': admin.company_id.ids},
        )
        stopwatch = Stopwatch(env)
        work(env, stopwatch)
        cr.rollback()
    registry.reset_changes()
    return stopwatch.sample


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--database', required=True)
    parser.add_argument('side', choices=['stock', 'addon'])
    options = parser.parse_args()
    configure(str(CONF), options.database)

    from .capabilities import all_measures

    measures = {measure.name: measure for measure in all_measures()}
    registry = open_registry(options.database)
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        sample = run(registry, getattr(measures[line.strip()], options.side))
        print(json.dumps(sample.as_dict()), flush=True)


if __name__ == '__main__':
    main()
