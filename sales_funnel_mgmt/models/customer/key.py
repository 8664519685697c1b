"""Distinguish the customers of opportunities in SQL."""

from odoo.tools import SQL


def get_customer_key(alias, own_id='id'):
    """Return the SQL expression of the key of a customer.

    The key is the id of the customer (res.partner). An opportunity without a customer counts as a
    customer of its own, and its key is the negative of its id. `crm.lead._get_customer_key` is the
    same rule in Python.

    :param str alias: Alias of a row with `customer_id`: an opportunity, or a record linked to one.
    :param str own_id: Name of the column with the id that replaces a missing customer.
    """
    return SQL(
        "COALESCE(%s, -%s)", SQL.identifier(alias, 'customer_id'), SQL.identifier(alias, own_id)
    )
