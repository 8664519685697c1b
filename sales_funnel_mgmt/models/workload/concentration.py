"""Define the figures of concentration, each in words, in SQL, in Python and as an Excel formula."""

from odoo.tools import SQL

from ..base.group_measures import get_concentration_index, get_ratio


class Share:
    """The part of a salesperson ÷ the whole, in percent.

    Customers that several salespeople hold count with each of them, and once in the whole. Values below 0
    count as 0 in both.
    """

    @staticmethod
    def sql(part, whole):
        return get_ratio(part, whole, 100)

    @staticmethod
    def value(part, whole):
        return max(part, 0) / whole if whole > 0 else None

    @staticmethod
    def formula(part, whole):
        return f'=IF({whole}>0,MAX({part},0)/{whole},"")'


class Index:
    """Herfindahl-Hirschman index: the sum of the squared parts ÷ the square of their sum, times 10,000.

    A customer that several salespeople hold is a part of each, so that the index is at most 10,000. Parts
    below 0 count as 0.
    """

    @staticmethod
    def sql(part):
        return get_concentration_index(part)

    @staticmethod
    def value(parts):
        positive = [part for part in parts if part > 0]
        return 10_000 * sum(part**2 for part in positive) / sum(positive) ** 2 if positive else None

    @staticmethod
    def formula(parts):
        # Parts of at least 0: numbers of customers, or shares
        return f'=IF(SUM({parts})>0,10000*SUMSQ({parts})/SUM({parts})/SUM({parts}),"")'


def get_index_of_counts(holders, customers):
    """Return the index of a group by the number of customers.

    A customer of one salesperson counts once, also with several teams or companies.

    :param SQL holders: Salesperson of a row.
    :param SQL customers: Keys of the customers of a row, an array as text.
    """
    return _get_index(
        holders,
        customers,
        SQL("COUNT(DISTINCT customer.key)"),
        SQL("CROSS JOIN UNNEST(held.part::int[]) AS customer (key)"),
    )


def get_index_of_amounts(holders, amounts):
    """Return the index of a group by amounts. Those of one salesperson are added first."""
    return _get_index(holders, amounts, SQL("SUM(held.part)"))


def _get_index(holders, parts, aggregate, join=None):
    # The arrays are those of the group, in the same order.
    return SQL(
        """(
        SELECT %(index)s
          FROM (
            SELECT %(aggregate)s AS part
              FROM UNNEST(ARRAY_AGG(%(holders)s), ARRAY_AGG(%(parts)s)) AS held (holder, part)
                   %(join)s
          GROUP BY held.holder
               ) AS holding)""",
        index=Index.sql(SQL("holding.part")),
        aggregate=aggregate,
        holders=holders,
        parts=parts,
        join=join or SQL(),
    )
