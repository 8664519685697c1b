"""Wrap the private parts of Odoo's ORM that the addon uses."""

from odoo.tools import SQL


def get_changed_ids(model, field_names):
    """Return the ids of the records with changes of some fields that are not yet in the database.

    The next `_flush` of the model writes them. A computed field that is still to be recomputed has
    not changed yet: see `recompute`.

    :param model: Any recordset of the model.
    :param field_names: Names of stored fields.
    :rtype: set[int]
    """
    ids_by_field = model.env._field_dirty
    return {id_ for name in field_names for id_ in ids_by_field.get(model._fields[name], ())}


def get_cached_values(model, field_name):
    """Return the cached values of a field, by record id.

    They are the values that the database has or will have. No query is made, so records may be
    missing.

    :param model: Any recordset of the model.
    :param str field_name: Name of the field.
    :rtype: Mapping
    """
    return model._fields[field_name]._get_cache(model.env)


def recompute(model, field_names):
    """Compute the pending values of some stored fields, for all records of the model.

    The values are not written to the database.

    :param model: Any recordset of the model.
    :param field_names: Names of fields.
    """
    model._recompute_model(field_names)


def get_converted_amount(model, field_name, query):
    """Return the amount of one record, converted as the aggregate `sum_currency` converts it.

    :param model: Model with a monetary field.
    :param str field_name: Name of the field.
    :param Query query: Query that reads the records; the currency rates are joined to it.
    :rtype: SQL
    """
    model._read_group_select(f'{field_name}:sum_currency', query)
    return get_amount_at_joined_rates(model, field_name, query)


def get_amount_at_joined_rates(model, field_name, query):
    """Return the amount as `get_converted_amount` does, where `sum_currency` has joined the rates."""
    currency_field = model._fields[field_name].get_currency_field(model)
    rates = query.make_alias(model._table, f'{currency_field}__rates')
    return SQL(
        "(%s / COALESCE(%s, 1.0))",
        model._field_to_sql(model._table, field_name, query),
        SQL.identifier(rates, 'rate'),
    )
