"""What happened to the opportunities before they were loaded: Odoo's chatter and the stage history
tell it with its real dates."""

from collections import Counter

from odoo.tools import SQL

from .rows import ENGAGING, LOST, WON, at_noon, opportunity_name


def tell(env, leads, rows, stages):
    """Note in the chatter that the won ones had been engaging, and rebuild the stage history, where
    our addon is there."""
    won = [(lead, row) for lead, row in zip(leads, rows, strict=True) if row.stage == WON]
    note_wins(env, won, stages)
    if 'crm.stage.history' in env:
        env.flush_all()
        env['crm.stage.history'].search([('lead_id', 'in', leads.ids)]).unlink()
        env['crm.stage.history']._rebuild()


def note_wins(env, won, stages):
    """One tracking value each, as Odoo would have noted it; dated in SQL, for Odoo's models take no
    dates for them."""
    if not won:
        return
    subtype = env.ref('crm.mt_lead_won')
    messages = env['mail.message'].create([
        {
            'model': 'crm.lead',
            'res_id': lead.id,
            'message_type': 'notification',
            'subtype_id': subtype.id,
            'author_id': lead.user_id.partner_id.id,
            'date': at_noon(row.close_date),
        }
        for lead, row in won
    ])
    field = env['ir.model.fields']._get('crm.lead', 'stage_id')
    before, after = stages[ENGAGING], stages[WON]
    values = env['mail.tracking.value'].create([
        {
            'mail_message_id': message.id,
            'field_id': field.id,
            'old_value_integer': before.id,
            'old_value_char': before.display_name,
            'new_value_integer': after.id,
            'new_value_char': after.display_name,
        }
        for message in messages
    ])
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            UPDATE mail_tracking_value v
               SET create_date = past.day, create_uid = past.user_id
              FROM unnest(%s::int[], %s::timestamp[], %s::int[]) AS past(id, day, user_id)
             WHERE v.id = past.id
            """,
            values.ids,
            [at_noon(row.close_date) for _lead, row in won],
            [lead.user_id.id for lead, _row in won],
        )
    )
    env.invalidate_all()


def results_of_rows(folder):
    """{salesperson: (won, lost, total days from engaging to winning)}."""
    won, lost, days = Counter(), Counter(), Counter()
    for row in folder.opportunities.values():
        if row.stage == WON:
            won[row.salesperson] += 1
            days[row.salesperson] += (row.close_date - row.engage_date).days
        elif row.stage == LOST:
            lost[row.salesperson] += 1
    return {name: (won[name], lost[name], days[name]) for name in {*won, *lost}}


def results_of_history(env, folder, external_ids):
    """The same from the report of sales cycles, made from the stage history: wins credited to the
    salesperson of the won stay."""
    names = map(opportunity_name, folder.opportunities.values())
    ids = [external_ids.ids[name] for name in names if name in external_ids.ids]
    rows = env['crm.sales.cycle.report']._read_group(
        [('lead_id', 'in', ids)],
        ['user_id'],
        ['won_count:sum', 'lost_count:sum', 'cycle_days:avg'],
    )
    return {
        salesperson.name: (won, lost, round(won * days))
        for salesperson, won, lost, days in rows
        if won or lost
    }
