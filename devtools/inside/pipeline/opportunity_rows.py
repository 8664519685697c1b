"""The rules for one row of `sales_pipeline.csv`."""

from .rows import ENGAGING, LOST, STAGES, WON, Opportunity, match_key
from .values import BadValue, parse_amount, parse_date, required

# the dates without which a row of that stage says nothing
REQUIRED_DATES = {
    ENGAGING: ('engage_date',),
    WON: ('engage_date', 'close_date'),
    LOST: ('engage_date', 'close_date'),
}


def read_opportunity(row, folder):
    """One row as (key, `Opportunity`, remark), with its names found in the other files."""
    identifier = required(row, 'opportunity_id')
    stage = required(row, 'deal_stage').capitalize()
    if stage not in STAGES:
        raise BadValue("unknown stage", repr(row['deal_stage']))
    salesperson = find(folder.salespeople, required(row, 'sales_agent'), "unknown salesperson")
    product = find(folder.products, required(row, 'product'), "unknown product")
    account = row['account']
    if account:
        account = find(folder.accounts, account, "unknown account").name
    engage_date, close_date = read_dates(row, stage)
    opportunity = Opportunity(
        identifier,
        salesperson.name,
        product.name,
        account,
        stage,
        engage_date,
        close_date,
        expected_revenue(row, stage, product),
    )
    remark = None
    if row['product'] != product.name:
        remark = ("product spelled differently", f"{row['product']!r} taken as {product.name!r}")
    return identifier, opportunity, remark


def find(table, name, fault):
    try:
        return table[match_key(name)]
    except KeyError:
        raise BadValue(fault, repr(name)) from None


def read_dates(row, stage):
    """The engage and close dates; an open opportunity has no close date."""
    dates = {column: parse_date(row[column], column) for column in ('engage_date', 'close_date')}
    for column in REQUIRED_DATES.get(stage, ()):
        if not dates[column]:
            raise BadValue("missing date", f"{column} of a row in stage {stage}")
    if stage not in (WON, LOST) and dates['close_date']:
        raise BadValue("closed but open", f"close_date in stage {stage}")
    if dates['close_date'] and dates['close_date'] < dates['engage_date']:
        raise BadValue("dates reversed", f"closed {row['close_date']}, before it was engaged")
    return dates['engage_date'], dates['close_date']


def expected_revenue(row, stage, product):
    """What was earned for a won row; else what was expected, the list price of the product.

    The file has no value for an open opportunity, and 0 (earned) for a lost one.
    """
    text = row['close_value']
    if stage == WON:
        return parse_amount(required(row, 'close_value'))
    amount = parse_amount(text) if text else 0.0
    return amount or product.list_price
