"""The private parts of Odoo's ORM that the addon needs. The rest of it touches none of them."""


def get_changed_ids(model, field_names):
    """Return the ids of the records with a change of some fields that the database does not know yet.

    The next `_flush` of the model writes them. A computed field that is still to be recomputed has
    not changed yet: see `recompute`.

    :param model: Any recordset of the model.
    :param field_names: Names of stored fields.
    :rtype: set[int]
    """
    ids_by_field = model.env._field_dirty
    return {id_ for name in field_names for id_ in ids_by_field.get(model._fields[name], ())}


def get_cached_values(model, field_name):
    """Return the values of a field that are in the cache, by record id, as the database has them or
    will have them. Looking into it asks the database nothing, so records may be missing.

    :param model: Any recordset of the model.
    :param str field_name: Name of the field.
    :rtype: Mapping
    """
    return model._fields[field_name]._get_cache(model.env)


def recompute(model, field_names):
    """Carry out what is still to be computed of some stored fields, for all records of the model,
    without writing it to the database.

    :param model: Any recordset of the model.
    :param field_names: Names of fields.
    """
    model._recompute_model(field_names)
