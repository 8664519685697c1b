"""Pieces that several models share."""

from odoo.exceptions import ValidationError
from odoo.tools import SQL


def check_percentage(records, field_name):
    """Refuse percentages outside 0-100.

    :param records: Records to check; the message names the offending ones.
    :param str field_name: Name of the field that holds the percentage.
    :raise ValidationError: If a value is below 0, or above 100.
    """
    invalid = records.filtered(lambda record: not 0 <= record[field_name] <= 100)
    if invalid:
        raise ValidationError(
            records.env._(
                "%(field)s must be between 0%% and 100%%. Please correct: %(records)s",
                field=records._fields[field_name].get_description(records.env, ['string'])[
                    'string'
                ],
                records=", ".join(
                    f"{record.display_name} ({record[field_name]:g}%)" for record in invalid
                ),
            )
        )


def is_open_opportunity(alias):
    """Return the SQL condition that a row of crm_lead is an opportunity neither won nor lost."""
    return SQL(
        """(%(lead)s.active AND %(lead)s.type = 'opportunity' AND (%(lead)s.stage_id IS NULL
            OR %(lead)s.stage_id NOT IN (SELECT id FROM crm_stage WHERE is_won)))""",
        lead=SQL.identifier(alias),
    )


def get_company_of(alias):
    """Return SQL for the company that a row with company_id and user_id counts for: its own, else the
    salesperson's. Opportunities without company would otherwise count in every company, or none."""
    return SQL(
        """COALESCE(%(row)s.company_id,
                    (SELECT owner.company_id FROM res_users owner WHERE owner.id = %(row)s.user_id))""",
        row=SQL.identifier(alias),
    )
