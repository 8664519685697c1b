"""Compute the measures of a group of records that are not sums or averages of the measures of its parts.

A ratio divides sums. A distinct count counts what the records have in common once. An index adds up the
squares of shares of the group. `_read_group_select` of the reports returns these expressions, so they are
right at every level of a pivot, in group headers, and in conditions and orders on groups.
"""

from odoo.tools import SQL

from .orm import get_converted_amount


def get_sum(model, field_name, query):
    """Return the sum of a field, with amounts converted if there are companies of other currencies.

    Converting takes time, so that databases with one currency do without.

    :param model: Model that is grouped.
    :param str field_name: Name of a number or an amount.
    :param Query query: Query of the groups.
    :rtype: SQL
    """
    aggregate = 'sum_currency' if needs_conversion(model, field_name) else 'sum'
    return model._read_group_select(f'{field_name}:{aggregate}', query)


def get_amount(model, field_name, query):
    """Return the field of one record, with amounts converted as in `get_sum`."""
    if needs_conversion(model, field_name):
        return get_converted_amount(model, field_name, query)
    return model._field_to_sql(model._table, field_name, query)


def needs_conversion(model, field_name):
    """Return whether amounts of a field can be of several currencies."""
    return (
        model._fields[field_name].type == 'monetary'
        and model.env['res.company']._has_several_currencies()
    )


def get_ratio(numerator, denominator, factor=1):
    """Return the ratio of two aggregates: NULL without a denominator, or if it is 0.

    :param SQL numerator: Aggregate; NULL counts as 0.
    :param SQL denominator: Aggregate.
    :param factor: 100 for percent.
    :rtype: SQL
    """
    return SQL("%s * COALESCE(%s, 0) / NULLIF(%s, 0)::float8", factor, numerator, denominator)


def get_distinct_count(key):
    """Return the number of different keys that are not NULL."""
    return SQL("COUNT(DISTINCT %s)", key)


def get_pair(first, second):
    """Return a number for each pair of IDs, NULL if one is NULL.

    PostgreSQL counts different numbers in a third of the time that it takes for pairs.

    :param SQL first: ID of one record.
    :param SQL second: ID of another one, or its negative.
    """
    return SQL("((%s::bigint << 32) + %s)", first, second)


def get_united_count(keys):
    """Return the number of different keys in the arrays of a group.

    :param SQL keys: Keys of one record, an array as text: PostgreSQL aggregates arrays of one length only.
    :rtype: SQL
    """
    return SQL(
        """(
        SELECT COUNT(DISTINCT member.key)
          FROM UNNEST(ARRAY_AGG(%s)) AS part (keys)
    CROSS JOIN UNNEST(part.keys::int[]) AS member (key))""",
        keys,
    )


def get_distinct_sum(key, amount):
    """Return the sum of the amounts of a group, with one amount for each different key.

    :param SQL key: Key of one record; records with the same key have the same amount.
    :param SQL amount: Amount of one record.
    :rtype: SQL
    """
    return SQL(
        """(
        SELECT SUM(single.amount)
          FROM (
            SELECT DISTINCT ON (part.key) part.amount
              FROM UNNEST(ARRAY_AGG(%s), ARRAY_AGG(%s)) AS part (key, amount)
               ) AS single)""",
        key,
        amount,
    )


def get_median(value):
    """Return the median of the values that are not NULL."""
    return SQL("PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %s)", value)


def get_concentration_index(part):
    """Return the Herfindahl-Hirschman index of the rows of a query: the sum of their squared shares.

    Shares are in percent. Negative parts count as 0.

    :param SQL part: Amount or number of one row.
    :rtype: SQL
    """
    return SQL(
        "ROUND(10000 * SUM(GREATEST(%(part)s, 0)::numeric ^ 2)"
        " / NULLIF(SUM(GREATEST(%(part)s, 0))::numeric ^ 2, 0))",
        part=part,
    )
