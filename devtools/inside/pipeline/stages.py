"""The stages of the pipeline, and the reason of lost opportunities, in Odoo."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError

from .rows import ENGAGING, PROSPECTING, WON

# the share of the expected revenue that counts towards quota, where the field is there
QUOTA_RATES = {PROSPECTING: 10, ENGAGING: 40}
DEFAULT_STAGE_XMLIDS = ('crm.stage_lead1', 'crm.stage_lead2', 'crm.stage_lead3')
LOST_REASON = "No reason recorded"


def ensure_stages(env, external_ids):
    """{name in the file: stage}, and the number of stages created.

    A stage of that name that is open to all teams is taken as it is, and so is Odoo's own won
    stage. New stages are put before the won stage, in the order of the pipeline.
    """
    count = 0
    won = external_ids.find('crm.stage', 'stage_won') or env['crm.stage'].search(
        [('is_won', '=', True), ('team_ids', '=', False)],
        limit=1,
    )
    if not won:
        last = env['crm.stage'].search([], order='sequence desc', limit=1)
        won = env['crm.stage'].create({
            'name': WON,
            'is_won': True,
            'sequence': last.sequence + 10,
        })
        count += 1
    external_ids.give({'stage_won': won})

    stages = {WON: won}
    for name in (PROSPECTING, ENGAGING):
        values = {'name': name, 'sequence': stage_sequence(env, won)}
        if 'quota_rate' in env['crm.stage']._fields:
            values['quota_rate'] = QUOTA_RATES[name]
        identifier = external_ids.name('stage', name)
        records, created = external_ids.ensure(
            'crm.stage',
            {identifier: values},
            reuse=lambda values: open_stage_named(env, values),
        )
        stages[name] = records[identifier]
        count += created
    return stages, count


def stage_sequence(env, won):
    """The next place before the won stage, behind all the stages that are there already."""
    before = env['crm.stage'].search(
        [('is_won', '=', False), ('sequence', '<', won.sequence)],
        order='sequence desc',
        limit=1,
    )
    return min(before.sequence + 1, won.sequence - 1)


def open_stage_named(env, values):
    return env['crm.stage'].search(
        [
            ('name', '=', values['name']),
            ('is_won', '=', False),
            ('team_ids', '=', False),
        ],
        limit=1,
    )


def remove_unused_default_stages(env):
    """In a database without any opportunity, drop the stages that crm proposes.

    The real pipeline has its own; empty columns in front of them would only be in the way.
    Returns the names of the stages removed.
    """
    if env['crm.lead'].with_context(active_test=False).search_count([], limit=1):
        return []
    removed = []
    for xmlid in DEFAULT_STAGE_XMLIDS:
        stage = env.ref(xmlid, raise_if_not_found=False)
        if not stage:
            continue
        name = stage.name
        try:
            with env.cr.savepoint():
                stage.unlink()
        except (IntegrityError, UserError):
            # something else of this database refers to it: it stays
            continue
        removed.append(name)
    return removed


def ensure_lost_reason(env, external_ids):
    """The reason given to lost opportunities: the file knows none."""
    records, count = external_ids.ensure('crm.lost.reason', {'lost_reason': {'name': LOST_REASON}})
    return records['lost_reason'], count
