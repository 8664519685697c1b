"""Convert amounts between currencies in SQL, with the rates that `res.currency` would take."""

from odoo.tools import SQL


def convert(amount, currency, to_currency, company, day):
    """Return the expression of an amount in another currency, rounded to it.

    An amount that is in this currency already stays as it is.

    :param SQL amount: The amount.
    :param SQL currency: ID of its currency.
    :param SQL to_currency: ID of the other currency.
    :param SQL company: ID of the company whose rates count.
    :param date day: Day whose rates count.
    """
    return SQL(
        """
        CASE WHEN %(currency)s = %(to_currency)s OR %(currency)s IS NULL OR %(to_currency)s IS NULL
             THEN %(amount)s
             ELSE (SELECT ROUND((%(amount)s * %(to_rate)s / %(rate)s / target.rounding)::numeric)
                          * target.rounding
                     FROM res_currency target WHERE target.id = %(to_currency)s)
        END
        """,
        amount=amount,
        currency=currency,
        to_currency=to_currency,
        rate=_get_rate(currency, company, day),
        to_rate=_get_rate(to_currency, company, day),
    )


def _get_rate(currency, company, day):
    """Return the expression of the rate of a currency: the last one, or else the first to come."""
    rates = SQL(
        """
        SELECT rate.rate FROM res_currency_rate rate
         WHERE rate.currency_id = %s
           AND (rate.company_id IS NULL OR rate.company_id = (
                SELECT split_part(company.parent_path, '/', 1)::int
                  FROM res_company company WHERE company.id = %s))
        """,
        currency,
        company,
    )
    return SQL(
        """
        COALESCE((%(rates)s AND rate.name <= %(day)s
                  ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                 (%(rates)s ORDER BY rate.company_id, rate.name LIMIT 1), 1)
        """,
        rates=rates,
        day=day,
    )
