"""Load a sales pipeline from CSV files into Odoo's CRM.

    python -m devtools.inside.load_pipeline --config odoo.conf --database NAME DIR

The folder has sales_teams.csv, accounts.csv, products.csv and sales_pipeline.csv. Rows that
cannot be understood are skipped and listed. It can run again, also after it was stopped: what
is there already is not created again and not changed; where its row differs by now, that is
said. Exit code 0 when the folder was loaded, 2 when nothing could be.
"""

import argparse
import sys
import time
from collections import Counter
from functools import partial
from types import SimpleNamespace

from .pipeline.csv_folder import FolderError, read_folder
from .pipeline.rows import STAGES
from .session import DatabaseError, configure, open_env, open_registry, require_modules

LISTED = 10
LOCK_KEY = 7_021_946


class Progress:
    """Lines with the seconds since the start."""

    def __init__(self):
        self.start = time.monotonic()

    def __call__(self, text):
        print(f"[{time.monotonic() - self.start:5.1f} s] {text}", flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='./dev load',
        description="Load a sales pipeline from a folder of CSV files.",
    )
    parser.add_argument('--config', required=True, help="Odoo's configuration file")
    parser.add_argument('--database', required=True, help="an Odoo database with crm installed")
    parser.add_argument('folder', help="the folder with the CSV files")
    options = parser.parse_args(arguments)
    say = Progress()
    try:
        folder = read_folder(options.folder)
        say(
            f"Read {len(folder.opportunities):,} opportunities, {len(folder.accounts)} customers, "
            f"{len(folder.salespeople)} salespeople, {len(folder.products)} products"
        )
        report_findings(folder)
        configure(options.config, options.database)
        require_modules(options.database, 'crm')
        registry = open_registry(options.database)
        say(f"Opened database {options.database}")
        load(registry, folder, say)
    except (FolderError, DatabaseError) as error:
        print(f"./dev load: {error}. Nothing was loaded.", file=sys.stderr)
        return 2
    return 0


def load(registry, folder, say):
    # Odoo can be imported only after its configuration was read
    from odoo.service.model import retrying

    from .pipeline.external_ids import ExternalIds
    from .pipeline.masters import taken_logins
    from .pipeline.opportunities import QUIET
    from .pipeline.summary import differences, loaded_leads

    with open_env(registry, QUIET) as env:
        take_lock(env)
        external_ids = ExternalIds(env)
        taken = taken_logins(env, folder, external_ids)
        if taken:
            raise DatabaseError(
                f"The login(s) {', '.join(sorted(taken))} are needed for people of the files "
                "but are taken, or needed twice",
            )
        differing = differences(loaded_leads(env, folder, external_ids), folder, external_ids)
        records = retrying(partial(load_masters, env, folder, external_ids, say), env)
        created = load_opportunities(env, folder, records, external_ids, say)
        report_totals(env, folder, records, external_ids)
        report_results(env, folder, external_ids)
        report_funnel(env, folder, records, external_ids)
    report_differences(differing)
    if created:
        say(f"Done: {created:,} opportunities created, {len(folder.skipped):,} rows skipped")
    else:
        say("Done: everything was there already, nothing was created")
    print(
        "Log in as the administrator; the loaded people have no password until one is given "
        "to them under Settings > Users."
    )


def take_lock(env):
    """Two loads at once would create everything twice."""
    from odoo.tools import SQL

    [(taken,)] = env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", LOCK_KEY))
    if not taken:
        raise DatabaseError("Another load into this database is running")


def load_masters(env, folder, external_ids, say):
    """Everything that opportunities refer to, in one transaction."""
    from .pipeline import masters, stages
    from .pipeline.opportunities import count_opportunities, let_scoring_learn

    records = SimpleNamespace()
    if not count_opportunities(env):
        removed = stages.remove_unused_default_stages(env)
        if removed:
            say(f"Removed the unused stages {', '.join(removed)}")
        since = let_scoring_learn(env, folder)
        if since:
            say(f"Set the start of predictive scoring to {since}")
    counts = {}
    records.stages, counts["stages"] = stages.ensure_stages(env, external_ids)
    records.lost_reason, counts["lost reasons"] = stages.ensure_lost_reason(env, external_ids)
    records.users, counts["users"] = masters.ensure_users(env, folder, external_ids)
    teams, counts["teams"] = masters.ensure_teams(env, folder, records.users, external_ids)
    records.teams = {
        row.name: teams[row.office, row.manager] for row in folder.salespeople.values()
    }
    records.customers, counts["customers"] = masters.ensure_customers(env, folder, external_ids)
    records.tags, counts["products (as tags)"] = masters.ensure_products(
        env,
        folder,
        external_ids,
    )
    texts = [f"{count} {label}" for label, count in counts.items() if count]
    say(f"Created {', '.join(texts)}" if texts else "People, customers and stages are there")
    return records


def load_opportunities(env, folder, records, external_ids, say):
    """Create what is missing, one transaction a batch; returns how many."""
    from odoo.service.model import retrying

    from .pipeline.opportunities import BATCH, OpportunityLoader
    from .pipeline.rows import opportunity_name

    rows = [
        row
        for row in folder.opportunities.values()
        if opportunity_name(row) not in external_ids.ids
    ]
    # closed ones first: Odoo's scoring learns from them what the open ones are worth
    rows.sort(key=lambda row: not row.is_closed)
    loader = OpportunityLoader(folder, records, env.company)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        retrying(partial(loader.create, env, batch, external_ids), env)
        env.invalidate_all()
        say(f"Opportunities: {start + len(batch):,} of {len(rows):,}")
    return len(rows)


def report_findings(folder):
    """Rows skipped, one by one up to a limit, and remarks by their number."""
    for finding in folder.skipped[:LISTED]:
        print(f"  skipped: {finding}")
    if len(folder.skipped) > LISTED:
        print(f"  ... and {len(folder.skipped) - LISTED:,} more")
    for kind, count in Counter(finding.kind for finding in folder.skipped).most_common():
        print(f"  skipped for {kind}: {count:,}")
    remarks = {}
    for finding in folder.remarks:
        remarks.setdefault((finding.kind, finding.detail), []).append(finding.line)
    for (kind, detail), lines in list(remarks.items())[:LISTED]:
        print(f"  note: {kind}: {detail} ({len(lines):,} rows, first in line {lines[0]})")


def report_differences(found):
    if not found:
        return
    print(f"{len(found):,} opportunities differ from their rows and were left as they are:")
    for identifier, text in found[:LISTED]:
        print(f"  {identifier}: {text}")
    if len(found) > LISTED:
        print(f"  ... and {len(found) - LISTED:,} more")


def report_totals(env, folder, records, external_ids):
    from .pipeline.summary import loaded_leads, quota_totals, totals_of_database, totals_of_rows

    leads = loaded_leads(env, folder, external_ids)
    in_files, in_odoo = totals_of_rows(folder), totals_of_database(leads, records)
    print(f"{'':12}{'in the files':>28}{'in Odoo':>28}")
    for stage in STAGES:
        cells = [
            f"{count:,} = {amount:,.0f}" for count, amount in (in_files[stage], in_odoo[stage])
        ]
        print(f"{stage:12}{cells[0]:>28}{cells[1]:>28}")
    quotas = quota_totals(leads)
    if quotas:
        print(
            "Quota amount, added up over "
            + ", ".join(f"{label}: {amount:,.2f}" for label, amount in quotas.items())
        )


def report_results(env, folder, external_ids):
    """Whether Odoo knows of each salesperson's wins, losses and sales cycles what the files say."""
    from .pipeline.past import results_of_history, results_of_rows

    if 'crm.stage.history' not in env:
        return
    in_files = results_of_rows(folder)
    in_odoo = results_of_history(env, folder, external_ids)
    differing = sorted(name for name in in_files if in_files[name] != in_odoo.get(name))
    won, lost, days = (sum(column) for column in zip((0, 0, 0), *in_files.values(), strict=True))
    print(
        f"Won, lost and sales cycle (all: {won / max(won + lost, 1):.1%} won, "
        f"{days / max(won, 1):.1f} days) by salesperson as in the files: "
        f"{len(in_files) - len(differing)} of {len(in_files)}"
    )
    for name in differing[:LISTED]:
        print(f"  {name}: {in_files[name]} in the files, {in_odoo.get(name)} in Odoo")


def report_funnel(env, folder, records, external_ids):
    """Whether the funnel shows in each cell what the files say, in its three modes."""
    from .pipeline.funnel import figures_of_database, figures_of_rows
    from .pipeline.summary import loaded_leads

    leads = loaded_leads(env, folder, external_ids)
    in_odoo = figures_of_database(env, folder, leads, records)
    if in_odoo is None:
        return
    in_files = figures_of_rows(folder)
    keys = sorted({*in_files, *in_odoo}, key=str)
    differing = [key for key in keys if in_files.get(key, 0) != in_odoo.get(key, 0)]
    print(
        "Funnel (now; flow and cohort of each quarter) by salesperson and stage as in the files: "
        f"{len(keys) - len(differing):,} of {len(keys):,} figures"
    )
    for key in differing[:LISTED]:
        print(f"  {key}: {in_files.get(key, 0)} in the files, {in_odoo.get(key, 0)} in Odoo")


if __name__ == '__main__':
    sys.exit(main())
