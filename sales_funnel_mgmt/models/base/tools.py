"""Provide helpers and SQL conditions that several models share."""

from contextlib import contextmanager

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


def check_percentage(records, field_name):
    """Refuse percentages outside 0-100.

    :param records: Records to check; the message names the wrong ones.
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


def convert_to_id(records, field_name, value):
    """Return the record ID of a value that is written to a many2one field.

    :param records: Records to write to.
    :param str field_name: Name of the field.
    :param value: Record, ID or no value, in any form that `write` accepts; 0 is no value.
    :rtype: int | None
    """
    return records._fields[field_name].convert_to_cache(value, records) or None


def match_boolean(value, domain):
    """Return the domain of the records whose boolean field has one of the searched values.

    :param value: Searched values, as Odoo gives them to a search method with the operator `in`.
    :param Domain domain: Domain of the records for which the field is true.
    """
    return Domain.OR(domain if is_true else ~domain for is_true in set(value))


def is_in_won_stage(alias):
    """Return the SQL condition that a row of crm_lead is in a won stage; NULL without a stage."""
    return SQL("(%s IN (SELECT id FROM crm_stage WHERE is_won))", SQL.identifier(alias, 'stage_id'))


def is_open_opportunity(alias):
    """Return the SQL condition that a row of crm_lead is an opportunity neither won nor lost."""
    return SQL(
        """(%(lead)s.active AND %(lead)s.type = 'opportunity' AND (%(lead)s.stage_id IS NULL
            OR NOT %(is_won)s))""",
        lead=SQL.identifier(alias),
        is_won=is_in_won_stage(alias),
    )


def get_company_of(alias):
    """Return SQL for the company of a row with company_id and user_id: its own, else the salesperson's.

    Without this rule, an opportunity without a company would count in every company, or in none.

    The row must be joined by `join_owner`.
    """
    return SQL("COALESCE(%s, owner.company_id)", SQL.identifier(alias, 'company_id'))


def join_owner(alias, user='user_id'):
    """Return the SQL join that `get_company_of` needs.

    A join is used rather than a subquery: PostgreSQL estimates a subquery to be so expensive that it
    compiles the whole query, which takes longer than running it.

    :param str alias: Alias of the row.
    :param str user: Column of its salesperson.
    """
    return SQL(
        "LEFT JOIN res_users owner ON owner.id = %s AND %s IS NULL",
        SQL.identifier(alias, user),
        SQL.identifier(alias, 'company_id'),
    )


def get_amount_aggregates(env, field_names):
    """Return the aggregates that sum amounts in the currency of the company.

    Without several currencies, amounts are not converted: that would take a third of the time.

    :rtype: list[str]
    """
    aggregator = 'sum_currency' if len(env.companies.currency_id) > 1 else 'sum'
    return [f'{name}:{aggregator}' for name in field_names]


def get_currency_of(env, company_id):
    """Return SQL for the currency of amounts: that of a company, else of the current company.

    :param SQL company_id: ID of the company, may be NULL.
    """
    return SQL(
        "COALESCE((SELECT currency_id FROM res_company WHERE id = %s), %s)",
        company_id,
        env.company.currency_id.id,
    )


@contextmanager
def bulk_insertion(model):
    """Drop the foreign keys and indexes of a model's table while many rows are inserted.

    They are restored afterwards. Checking and building them once takes a fraction of the time."""
    foreign_keys = model.env.execute_query(
        SQL(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            model._table,
        )
    )
    indexes = model.env.execute_query(
        SQL(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid),"
            "       obj_description(indexrelid)"
            "  FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
            model._table,
        )
    )
    execute = model.env.cr.execute
    table = SQL.identifier(model._table)
    for name, _definition in foreign_keys:
        execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", table, SQL.identifier(name)))
    for name, _definition, _comment in indexes:
        execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    yield
    for name, definition, comment in indexes:
        execute(SQL(definition))  # pylint: disable=sql-injection
        if comment:
            # Odoo recognizes its own indexes by the comment.
            execute(SQL("COMMENT ON INDEX %s IS %s", SQL.identifier(name), comment))
    for name, definition in foreign_keys:
        execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s %s",
                table,
                SQL.identifier(name),
                SQL(definition),  # pylint: disable=sql-injection
            )
        )
