"""Pieces that several models share."""

from odoo.exceptions import ValidationError


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
