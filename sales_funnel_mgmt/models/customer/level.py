"""Order the levels of customers in SQL."""

from odoo.tools import SQL


def query_level_ranks():
    """Return a query of the rank of each stage as a level of customers: stage_id, rank.

    A customer's level is the stage of the highest rank. Won stages are above all others: a customer
    that has bought is won, whatever else is open.
    """
    return SQL(
        """
        SELECT id AS stage_id, ROW_NUMBER() OVER (ORDER BY is_won IS TRUE, sequence, id)::int AS rank
          FROM crm_stage
        """
    )
