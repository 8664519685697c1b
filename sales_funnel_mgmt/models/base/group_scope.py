"""Remember what the groups of a read are about, for measures that count more than the rows of a group.

The customers whom nobody has contacted, for example, have no row in a report of contacts, but they belong to
the share of customers that were contacted. The domain and the fields to group by say which of them.

A model calls `note_domain` in `_search` and `note_group` in `_read_group_groupby`, which Odoo calls before
`_read_group_select`, with the same query.
"""

from odoo.fields import Domain
from odoo.tools import SQL


def note_domain(query, domain):
    """Remember the domain that the rows of a query come from."""
    query.scope_domain = Domain(domain)


def get_domain(query):
    """Return the domain that the rows of a query come from."""
    return getattr(query, 'scope_domain', Domain.TRUE)


def note_group(query, spec, term):
    """Remember a field to group by and its SQL expression."""
    query.scope_groups = {**get_groups(query), spec: term}


def get_groups(query):
    """Return the SQL expressions to group by, by specification."""
    return getattr(query, 'scope_groups', {})


def get_scope(query, translate):
    """Return the domain of the query, translated to another model.

    :param translate: Function that takes a condition and returns the domain on the other model, or None
        for a condition that says nothing about it. A condition that is part of an alternative or a
        negation counts only if all of that can be translated.
    :rtype: Domain
    """
    domain = get_domain(query)
    parts = domain.children if getattr(domain, 'OPERATOR', None) == '&' else [domain]
    scope = Domain.TRUE
    for part in parts:
        translated = [translate(condition) for condition in part.iter_conditions()]
        if None not in translated:
            found = iter(translated)
            scope &= part.map_conditions(lambda _condition, found=found: next(found))
    return scope


def get_scope_fields(query):
    """Return the names of the fields that the domain of the query is about."""
    conditions = get_domain(query).iter_conditions()
    return {condition.field_expr.partition('.')[0] for condition in conditions}


def is_scope_translatable(query, translate):
    """Return whether each condition of the domain of the query can be translated, see `get_scope`."""
    return all(
        translate(condition) is not None for condition in get_domain(query).iter_conditions()
    )


def is_of_group(column, term):
    """Return the condition that a value of another query belongs to the group.

    :param SQL column: Column of the other query.
    :param SQL term: Expression to group by, from `get_groups`.
    :rtype: SQL
    """
    # GROUPING() is 1 in the totals of a pivot, which are not grouped by the expression.
    return SQL(
        "(GROUPING(%(term)s) = 1 OR %(column)s IS NOT DISTINCT FROM %(term)s)",
        term=term,
        column=column,
    )
