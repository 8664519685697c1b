"""Single values of a CSV row: text to date, amount, name."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

DATE_FORMAT = '%m/%d/%Y'


class BadValue(Exception):
    """A row cannot be taken: the kind of fault, which is counted, and the detail."""

    def __init__(self, kind, detail):
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


def required(row, column):
    text = ' '.join(row[column].split())
    if not text:
        raise BadValue("missing value", column)
    return text


def parse_date(text, column):
    """A month/day/year date; None when there is none."""
    if not text:
        return None
    try:
        return datetime.strptime(text, DATE_FORMAT).date()
    except ValueError:
        raise BadValue("bad date", f"{column} {text!r} is not month/day/year") from None


def parse_amount(text):
    """An amount of money, zero or more; the file's values are whole or decimal numbers."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise BadValue("bad amount", f"{text!r} is not a number") from None
    if not amount.is_finite() or amount < 0:
        raise BadValue("bad amount", f"{text!r} is not an amount")
    return float(amount)
