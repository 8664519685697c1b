"""Convert the rows of a pipeline to records of Odoo: {external id: {field: text}}."""

import re
from datetime import timedelta
from statistics import median

from .files import ENGAGING, LOST, PROSPECTING, WON, key

MODULE = 'crm_sales_opportunities'
COMPANY = 'base.main_company'
SALESPERSON = 'base.group_user,sales_team.group_sale_salesman'
# Managers see the whole pipeline. Only sales administrators set rates and quotas.
MANAGER = 'base.group_user,sales_team.group_sale_salesman_all_leads'
# names with another spelling in Odoo
SPELLINGS = {'Korea': 'South Korea', 'Philipines': 'Philippines', 'technolgy': 'technology'}
FACTS = {
    'year_established': "Established: {}",
    'revenue': "Revenue (million): {}",
    'employees': "Employees: {}",
}


def xid(kind, *names):
    """Return the external id of a name in the files."""
    return f'{MODULE}.{"_".join([kind, *map(key, names)])}'


# Odoo has no stage for lost opportunities: they stay in the stage in which they were lost.
STAGES = {
    PROSPECTING: xid('stage', PROSPECTING),
    ENGAGING: xid('stage', ENGAGING),
    WON: 'crm.stage_lead4',
    LOST: xid('stage', ENGAGING),
}
LOST_REASON = xid('lost_reason')
OUTCOMES = {
    WON: {'active': 'True', 'probability': '100', 'automated_probability': '100'},
    LOST: {
        'active': 'False',
        'probability': '0',
        'automated_probability': '0',
        'lost_reason_id/id': LOST_REASON,
    },
}


def settings(folder):
    """Yield the records that are created but never updated, since users may edit them, as (model, records)."""
    yield (
        'crm.stage',
        {
            STAGES[PROSPECTING]: {'name': PROSPECTING, 'sequence': '4', 'quota_rate': '10'},
            STAGES[ENGAGING]: {'name': ENGAGING, 'sequence': '5', 'quota_rate': '40'},
        },
    )
    yield 'crm.lost.reason', {LOST_REASON: {'name': "No reason recorded"}}
    groups = {row['sales_agent']: SALESPERSON for row in folder.salespeople.values()}
    groups |= {row['manager']: MANAGER for row in folder.salespeople.values()}
    yield 'res.users', {xid('user', name): user(name, xids) for name, xids in groups.items()}


def masters(folder):
    """Yield the records that opportunities refer to, as (model, records)."""
    people = folder.salespeople.values()
    # An office has several managers, but a team of Odoo has one leader.
    yield 'crm.team', {team_xid(row): team(row) for row in people}
    yield (
        'crm.team.member',
        {
            xid('member', row['sales_agent']): {
                'crm_team_id/id': team_xid(row),
                'user_id/id': xid('user', row['sales_agent']),
            }
            for row in people
        },
    )
    # Products become tags, since crm has no products.
    products = (row['product'] for row in folder.products.values())
    yield 'crm.tag', {xid('product', name): {'name': name} for name in products}
    accounts = folder.accounts.values()
    yield 'res.partner', {xid('account', row['account']): customer(row) for row in accounts}
    # Parent companies follow once all companies exist.
    yield (
        'res.partner',
        {
            xid('account', row['account']): {'parent_id/id': xid('account', row['subsidiary_of'])}
            for row in accounts
            if row['subsidiary_of']
        },
    )


def user(name, xids):
    """Return a user without a password, with an address in a domain for examples."""
    login = re.sub(r'\W+', '.', name.lower()).strip('.')
    return {
        'name': name,
        'login': login,
        'email': f'{login}@example.com',
        'notification_type': 'inbox',
        'group_ids/id': xids,
    }


def team_xid(row):
    return xid('team', row['regional_office'], row['manager'])


def team(row):
    return {
        'name': f'{row["regional_office"]} - {row["manager"]}',
        'user_id/id': xid('user', row['manager']),
        'company_id/id': COMPANY,
        'use_opportunities': 'True',
    }


def customer(row):
    return {
        'name': row['account'],
        'is_company': 'True',
        # Not a contact with a parent: Odoo would replace its address by that of the parent.
        'type': 'other' if row['subsidiary_of'] else 'contact',
        'industry_id': SPELLINGS.get(row['sector'], row['sector']).capitalize(),
        'country_id': SPELLINGS.get(row['office_location'], row['office_location']),
        'comment': ". ".join(
            text.format(row[column]) for column, text in FACTS.items() if row.get(column)
        ),
    }


def opportunities(folder):
    """Yield (rows, records) of each stage.

    Closed ones come first, since Odoo's scoring learns from them to score the open ones.
    """
    days = [(row.closed - row.engaged).days for row in folder.opportunities if row.stage == WON]
    typical = timedelta(round(median(days))) if days else None
    for stage in (WON, LOST, ENGAGING, PROSPECTING):
        rows = [row for row in folder.opportunities if row.stage == stage]
        # These identifiers are case-sensitive.
        xids = [f'{MODULE}.opportunity_{row.identifier}' for row in rows]
        values = [
            opportunity(row, folder.salespeople[key(row.salesperson)], typical) for row in rows
        ]
        yield rows, dict(zip(xids, values, strict=True))


def opportunity(row, salesperson, typical):
    expects_deadline = row.stage == ENGAGING and typical
    return {
        'type': 'opportunity',
        'name': ' - '.join(filter(None, [row.product, row.account])),
        'user_id/id': xid('user', row.salesperson),
        'team_id/id': team_xid(salesperson),
        'company_id/id': COMPANY,
        'partner_id/id': row.account and xid('account', row.account),
        'tag_ids/id': xid('product', row.product),
        'stage_id/id': STAGES[row.stage],
        'expected_revenue': str(row.amount),
        'date_deadline': str(row.engaged + typical) if expects_deadline else '',
        **OUTCOMES.get(row.stage, {'active': 'True'}),
    }
