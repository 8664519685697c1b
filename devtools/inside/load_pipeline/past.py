"""Give opportunities their past, which Odoo's import cannot: it stamps records with now."""

from datetime import datetime, time

from odoo.tools import SQL

DATES = ('create_date', 'date_open', 'date_conversion', 'date_last_stage_update', 'date_closed')


def date_back(leads, rows):
    """Write the dates of the rows on their opportunities, and what Odoo computes from them."""
    leads.env.cr.execute(
        SQL(
            """
            UPDATE crm_lead lead
               SET create_date = engaged, date_open = engaged, date_conversion = engaged,
                   date_last_stage_update =
                       CASE lead.won_status WHEN 'won' THEN closed ELSE engaged END,
                   date_closed = closed
              FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[]) AS past(id, engaged, closed)
             WHERE lead.id = past.id AND engaged IS NOT NULL
            """,
            leads.ids,
            [at_noon(row.engaged) for row in rows],
            [at_noon(row.closed) for row in rows],
        )
    )
    leads.modified(DATES)
    leads.env.flush_all()
    leads.env.invalidate_all()


def at_noon(day):
    """Return the moment of a day: noon in UTC is the same day in nearly every time zone."""
    return day and datetime.combine(day, time(12))


def note_wins(leads, engaging, won):
    """Note in the chatter, once, that the won ones had been engaging: the stage history is rebuilt
    from such notes."""
    env = leads.env
    env.cr.execute(
        SQL(
            """
            WITH message AS (
                INSERT INTO mail_message (
                       model, res_id, message_type, subtype_id, author_id, date, create_date)
                SELECT 'crm.lead', lead.id, 'notification', %(subtype_id)s, salesperson.partner_id,
                       lead.date_closed, lead.date_closed
                  FROM crm_lead lead
                  JOIN res_users salesperson ON salesperson.id = lead.user_id
                 WHERE lead.id = ANY(%(lead_ids)s)
                   AND lead.won_status = 'won'
                   AND NOT EXISTS (
                       SELECT FROM mail_message
                        WHERE model = 'crm.lead'
                          AND res_id = lead.id
                          AND subtype_id = %(subtype_id)s
                       )
             RETURNING id, res_id, date
            )
            INSERT INTO mail_tracking_value (
                   mail_message_id, field_id, create_date, create_uid,
                   old_value_integer, old_value_char, new_value_integer, new_value_char)
            SELECT message.id, %(field_id)s, message.date, lead.user_id,
                   %(engaging_id)s, %(engaging)s, %(won_id)s, %(won)s
              FROM message
              JOIN crm_lead lead ON lead.id = message.res_id
            """,
            lead_ids=leads.ids,
            subtype_id=env.ref('crm.mt_lead_won').id,
            field_id=env['ir.model.fields']._get('crm.lead', 'stage_id').id,
            engaging_id=engaging.id,
            engaging=engaging.name,
            won_id=won.id,
            won=won.name,
        )
    )
