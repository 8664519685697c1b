"""Load a sales pipeline from CSV files into Odoo's CRM, by Odoo's own import.

    python -m devtools.inside.load_pipeline --config odoo.conf --database NAME DIR

Records get external ids, so a second run updates them. Everything is loaded, or nothing. Exit
code 0 when the folder was loaded, 2 when it could not be.
"""

import argparse
import sys
from functools import partial

from ...console import say
from ..session import DatabaseError, configure, open_env, open_registry, require_modules
from . import records
from .files import ENGAGING, WON, Folder, FolderError

BATCH = 1000
LISTED = 10
PROPOSED_STAGES = ('crm.stage_lead1', 'crm.stage_lead2', 'crm.stage_lead3')
CONTEXT = {
    'noupdate': True,
    # Unknown industries are created, and unknown countries stay empty.
    'import_file': True,
    'name_create_enabled_fields': {'industry_id': True},
    'import_set_empty_fields': ['country_id'],
    # no messages, followers or tracking values, which would be dated today
    'tracking_disable': True,
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True,
    'no_reset_password': True,
}


def main():
    parser = argparse.ArgumentParser(prog='./dev load')
    parser.add_argument('--config', required=True, help="Odoo's configuration file")
    parser.add_argument('--database', required=True, help="a database with the addon")
    parser.add_argument('folder', help="the folder with the CSV files")
    options = parser.parse_args()
    try:
        folder = Folder(options.folder)
        for text in folder.skipped[:LISTED]:
            print(f"  skipped: {text}")
        if len(folder.skipped) > LISTED:
            print(f"  ... and {len(folder.skipped) - LISTED:,} more")
        for text, count in folder.notes.items():
            print(f"  note: {text} ({count:,} rows)")
        configure(options.config, options.database)
        require_modules(options.database, 'sales_funnel_mgmt')
        run(open_registry(options.database), folder)
    except (FolderError, DatabaseError) as error:
        print(f"./dev load: {error}\nNothing was loaded.", file=sys.stderr)
        return 2
    return 0


def run(registry, folder):
    # Odoo can only be imported after its configuration is loaded.
    from odoo.service.model import retrying

    from .figures import report

    with open_env(registry, CONTEXT) as env:
        before = count_opportunities(env)
        leads = retrying(partial(load, env, folder), env)
        created = count_opportunities(env) - before
        report(env, folder, leads)
    print(
        f"Done: {created:,} opportunities created, {len(leads) - created:,} updated, "
        f"{len(folder.skipped):,} rows skipped\n"
        "Log in as the administrator; the loaded people have no password until one is given "
        "to them under Settings > Users."
    )


def load(env, folder):
    """Load everything, and return the opportunities."""
    from .past import date_back, note_wins

    if not count_opportunities(env):
        prepare(env, folder)
    for model, values in records.settings(folder):
        import_records(env(context={**env.context, 'mode': 'update'}), model, values)
    for model, values in records.masters(folder):
        import_records(env, model, values)
    leads = env['crm.lead']
    for rows, values in records.opportunities(folder):
        imported = leads.browse(import_records(env, 'crm.lead', values))
        date_back(imported, rows)
        leads += imported
    note_wins(leads, *(env.ref(records.STAGES[stage]) for stage in (ENGAGING, WON)))
    # Replace the stays that began with the import by the real ones.
    env['crm.stage.history'].search([('lead_id', 'in', leads.ids)]).unlink()
    env['crm.stage.history']._rebuild()
    say("rebuilt the stage history")
    return leads


def count_opportunities(env):
    return env['crm.lead'].with_context(active_test=False).search_count([])


def prepare(env, folder):
    """Delete the default stages of crm, and let Odoo's scoring learn from the whole pipeline."""
    for name in PROPOSED_STAGES:
        (env.ref(name, raise_if_not_found=False) or env['crm.stage']).unlink()
    days = [row.engaged for row in folder.opportunities if row.engaged]
    if days:
        env['ir.config_parameter'].set_param('crm.pls_start_date', str(min(days)))


def import_records(env, model, values_by_xid):
    """Import records that have the same fields, and return their ids."""
    from odoo.tools import mute_logger, split_every

    ids = []
    for batch in split_every(BATCH, values_by_xid.items()):
        fields = ['id', *batch[0][1]]
        # errors come back as messages, too
        with mute_logger('odoo.sql_db'):
            result = env[model].load(fields, [[xid, *values.values()] for xid, values in batch])
        errors = [
            f"{model} {batch[message['rows']['from']][0]}: {message['message']}"
            for message in result['messages']
            if message['type'] == 'error'
        ]
        if errors:
            raise DatabaseError('\n'.join(errors[:LISTED]))
        ids += result['ids']
        env.flush_all()
        env.invalidate_all()
        say(f"{model}: {len(ids):,} of {len(values_by_xid):,}")
    return ids


if __name__ == '__main__':
    sys.exit(main())
