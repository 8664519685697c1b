"""Measure stock Odoo and the addon on the same data.

    ./dev bench [--leads N] [--salespeople M] [--only WORD]

Seeds a database with crm only, which is kept for the next run of the same size, and installs the
addon in a copy. A process for each of the two does every measure in turn: a warm-up, then three runs,
of which the best counts. Short measures get up to ten runs within 10 s, since a busy machine disturbs
them most. Measures of more than 20 s get two runs in all. Compare the ratios: times differ between
machines. The exit code is 0 even if a goal is missed, which the table marks with MISS.
"""

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

from devtools import database
from devtools.console import Fail
from devtools.inside.session import (
    DatabaseError,
    configure,
    open_env,
    open_registry,
    require_modules,
)
from devtools.settings import CONF

from .table import print_table

ADDON = 'sales_funnel_mgmt'
ROUNDS = 3
MOST_ROUNDS = 10
SHORT_SECONDS = 10
LONG_SECONDS = 20


def main(arguments=None):
    options = parse(arguments)
    configure(str(CONF))
    from .capabilities import all_measures

    measures = all_measures(options.only)
    if not measures:
        print(f"./dev bench: no measure is named like {options.only!r}", file=sys.stderr)
        return 2
    copy = f'{options.database}_{ADDON}'
    try:
        ensure_seeded(options)
        install_seconds = install_in_copy(options.database, copy)
    except (DatabaseError, Fail) as error:
        print(f"./dev bench: {error}", file=sys.stderr)
        return 2
    try:
        with ExitStack() as stack:
            sides = {
                side: stack.enter_context(worker(name, side))
                for side, name in (('stock', options.database), ('addon', copy))
            }
            results = [(measure, *measure_both(measure, sides)) for measure in measures]
    finally:
        if not options.keep:
            database.drop(copy)
    print(
        f"\n{options.leads:,} opportunities, {options.salespeople:,} salespeople; "
        f"installing {ADDON} there: {install_seconds:.1f} s\n"
    )
    print_table(results)
    kept = f"{options.database} and {copy} are" if options.keep else f"{options.database} is"
    print(f"{kept} kept (--fresh seeds again)")
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog='./dev bench',
        description="Measure stock Odoo and the addon on the same data.",
    )
    parser.add_argument('--leads', type=int, default=100_000)
    parser.add_argument('--salespeople', type=int, default=50)
    parser.add_argument('--database', default='bench', help="seeded once (default: bench)")
    parser.add_argument('--template', help="a database with crm to start from, not to install it")
    parser.add_argument('--fresh', action='store_true', help="seed the database again")
    parser.add_argument('--keep', action='store_true', help="keep the copy with the addon too")
    parser.add_argument('--only', default='', help="only measures with this word in their name")
    options = parser.parse_args(arguments)
    if options.leads < 1000 or options.salespeople < 2:
        parser.error("at least 1000 leads and 2 salespeople")
    return options


def ensure_seeded(options):
    """Seed the database unless it exists in that size. It gets its name once it is complete."""
    from .databases import copy_closed, rename_closed, seed_of, vacuum
    from .seed import mark, seed

    name, wanted = options.database, mark(options.leads, options.salespeople)
    database.check_name(name)
    if name in database.existing():
        found = seed_of(name)
        if not found:
            raise DatabaseError(f"Database {name} is not one of this benchmark: name another")
        if found == wanted and not options.fresh:
            print(f"Using database {name}, seeded before", flush=True)
            vacuum(name)
            return
    unfinished = f'{name}_seeding'
    with step("Preparing Odoo with crm"):
        if options.template:
            require_modules(options.template, 'crm')
            copy_closed(options.template, unfinished)
            registry = open_registry(unfinished)
        else:
            database.drop(unfinished)
            database.create(unfinished)
            registry = install(unfinished, 'crm')
    with step(f"Seeding {options.leads:,} opportunities"), open_env(registry) as env:
        seed(env, options.leads, options.salespeople)
    registry.delete(unfinished)
    vacuum(unfinished)
    rename_closed(unfinished, name)


def install_in_copy(source, copy):
    """Install the addon in a copy of the database, and return the duration in seconds."""
    from .databases import copy_closed, vacuum

    with step(f"Copying {source}"):
        copy_closed(source, copy)
    with step(f"Installing {ADDON}"):
        start = time.perf_counter()
        registry = install(copy, ADDON)
        seconds = time.perf_counter() - start
    registry.delete(copy)
    require_modules(copy, ADDON)
    vacuum(copy)
    return seconds


def install(name, module):
    from odoo.modules.registry import Registry

    return Registry.new(name, update_module=True, install_modules=[module])


@contextmanager
def worker(name, side):
    """Run a process that measures on one of the two databases."""
    process = subprocess.Popen(
        [sys.executable, '-m', f'{__package__}.worker', '--database', name, side],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        answer(process)
        yield process
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def answer(process):
    line = process.stdout.readline()
    if not line:
        raise SystemExit("./dev bench: a measuring process failed, see above")
    return json.loads(line)


def measure_both(measure, sides):
    """Return the best samples of stock and addon, run in turn; None for a side without the measure."""
    used = {side: process for side, process in sides.items() if getattr(measure, side)}
    with step(measure.name):
        samples = {side: [run(process, measure.name)] for side, process in used.items()}
        is_long = any(warm_up['seconds'] > LONG_SECONDS for [warm_up] in samples.values())
        for _round in range(1 if is_long else rounds(samples)):
            for side, process in used.items():
                samples[side].append(run(process, measure.name))
    if not is_long:
        samples = {side: found[1:] for side, found in samples.items()}
    best = {
        side: min(found, key=lambda sample: sample['seconds']) for side, found in samples.items()
    }
    return best.get('stock'), best.get('addon')


def rounds(warm_ups):
    """Return the number of runs after warm-ups of these durations, [sample] by side."""
    longest = max(sample['seconds'] for [sample] in warm_ups.values())
    return max(ROUNDS, min(MOST_ROUNDS, int(SHORT_SECONDS / longest)))


def run(process, name):
    print(name, file=process.stdin, flush=True)
    return answer(process)


@contextmanager
def step(text):
    print(text, end=" ... ", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.1f} s", flush=True)


if __name__ == '__main__':
    sys.exit(main())
