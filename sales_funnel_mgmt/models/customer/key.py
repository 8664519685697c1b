"""What the customers of opportunities are told apart by, in SQL."""

from odoo.tools import SQL


def get_customer_key(alias, own_id='id'):
    """Return the expression of the key of a customer: above 0, the id of the customer (res.partner).
    An opportunity without a customer counts as a customer of its own; its key is below 0, the negative
    of its own id. `crm.lead._get_customer_key` says the same of a record.

    :param str alias: Alias of a row with `customer_id`: an opportunity, or what belongs to one.
    :param str own_id: Name of its column with the id that stands for the missing customer.
    """
    return SQL(
        "COALESCE(%s, -%s)", SQL.identifier(alias, 'customer_id'), SQL.identifier(alias, own_id)
    )
