"""Run measures on one database, as one of the two processes of the benchmark.

Each line of the standard input is the name of a measure. The figures are returned as a line of JSON.
All work is rolled back.
"""

import argparse
import json
import sys

from devtools.inside.session import configure, open_registry
from devtools.settings import CONF


def run(registry, work):
    """Do the work once as the administrator, in a transaction that is rolled back."""
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
