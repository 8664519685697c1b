"""Teams, people, customers and products of the pipeline in Odoo."""

import re
from collections import Counter

from odoo.fields import Command

from .rows import match_key

# names in the files that Odoo spells otherwise
COUNTRY_CODES = {'korea': 'KR', 'philipines': 'PH'}
SECTOR_SPELLING = {'technolgy': 'technology'}

SALESPERSON_GROUPS = ('base.group_user', 'sales_team.group_sale_salesman')
# a manager sees the whole pipeline; rates and quotas stay with the sales administrators
MANAGER_GROUPS = ('base.group_user', 'sales_team.group_sale_salesman_all_leads')


def login_of(name):
    return re.sub(r'\W+', '.', name.strip().lower()).strip('.')


def ensure_users(env, folder, external_ids):
    """{name: user} of managers and salespeople, and the number created.

    They have no password (an administrator gives one), and get their notifications inside
    Odoo: their addresses are in a domain that exists for examples, and nothing is sent.
    """
    groups = {row.name: SALESPERSON_GROUPS for row in folder.salespeople.values()}
    groups.update({row.manager: MANAGER_GROUPS for row in folder.salespeople.values()})
    values = {}
    for name, xmlids in groups.items():
        login = login_of(name)
        values[external_ids.name('user', name)] = {
            'name': name,
            'login': login,
            'email': f'{login}@example.com',
            'notification_type': 'inbox',
            'company_id': env.company.id,
            'company_ids': [Command.set(env.company.ids)],
            'group_ids': [Command.set([env.ref(xmlid).id for xmlid in xmlids])],
        }
    records, count = external_ids.ensure('res.users', values)
    return dict(zip(groups, records.values(), strict=True)), count


def taken_logins(env, folder, external_ids):
    """Logins that we would need twice, or that belong to somebody who is not ours."""
    names = {row.name for row in folder.salespeople.values()}
    names |= {row.manager for row in folder.salespeople.values()}
    new_logins = [
        login_of(name)
        for name in names
        if not external_ids.find('res.users', external_ids.name('user', name))
    ]
    doubled = [login for login, count in Counter(new_logins).items() if count > 1]
    users = env['res.users'].with_context(active_test=False)
    return doubled + users.search([('login', 'in', new_logins)]).mapped('login')


def ensure_teams(env, folder, users, external_ids):
    """{(office, manager): team}, and the number created.

    An office has two managers and an Odoo team one leader, so each manager leads a team of
    their own. Salespeople are members of one team.
    """
    teams = folder.teams()
    members = {team: [] for team in teams}
    for row in folder.salespeople.values():
        members[row.office, row.manager].append(users[row.name])
    values = {
        external_ids.name('team', *team): {
            'name': f'{team[0]} - {team[1]}',
            'user_id': users[team[1]].id,
            'company_id': env.company.id,
            'use_opportunities': True,
        }
        for team in teams
    }
    records, count = external_ids.ensure('crm.team', values)
    teams = dict(zip(teams, records.values(), strict=True))
    external_ids.ensure(
        'crm.team.member',
        {
            external_ids.name('member', row.name): {
                'crm_team_id': teams[row.office, row.manager].id,
                'user_id': users[row.name].id,
            }
            for row in folder.salespeople.values()
        },
    )
    return teams, count


def ensure_customers(env, folder, external_ids):
    """{name: company}, and the number created; parents are set once all are there."""
    industries = ensure_industries(env, folder, external_ids)
    identifiers = {
        row.name: external_ids.name('account', row.name) for row in folder.accounts.values()
    }
    new = [
        row
        for row in folder.accounts.values()
        if not external_ids.find('res.partner', identifiers[row.name])
    ]
    records, count = external_ids.ensure(
        'res.partner',
        {
            identifiers[row.name]: {
                'name': row.name,
                'is_company': True,
                # of a mere contact, Odoo would replace the address by the parent company's
                'type': 'other' if row.parent else 'contact',
                'industry_id': industries.get(row.sector, False),
                'country_id': country_of(env, row.country).id,
                'comment': row.note,
            }
            for row in folder.accounts.values()
        },
    )
    customers = dict(zip(identifiers, records.values(), strict=True))
    for row in new:
        if row.parent:
            parent = folder.accounts[match_key(row.parent)]
            customers[row.name].parent_id = customers[parent.name]
    return customers, count


def ensure_industries(env, folder, external_ids):
    """{sector in the file: id of the industry}."""
    labels = {
        sector: SECTOR_SPELLING.get(sector, sector).capitalize()
        for sector in {row.sector for row in folder.accounts.values()}
        if sector
    }
    records, _count = external_ids.ensure(
        'res.partner.industry',
        {
            external_ids.name('industry', sector): {'name': label}
            for sector, label in labels.items()
        },
        reuse=lambda values: env['res.partner.industry'].search(
            [('name', '=', values['name'])],
            limit=1,
        ),
    )
    return {sector: record.id for sector, record in zip(labels, records.values(), strict=True)}


def country_of(env, name):
    if not name:
        return env['res.country']
    code = COUNTRY_CODES.get(name.lower())
    domain = [('code', '=', code)] if code else [('name', '=', name)]
    return env['res.country'].search(domain, limit=1)


def ensure_products(env, folder, external_ids):
    """{product: tag}, and the number created: crm has no products, so they are tags."""
    names = [row.name for row in folder.products.values()]
    records, count = external_ids.ensure(
        'crm.tag',
        {external_ids.name('product', name): {'name': name} for name in names},
        reuse=lambda values: env['crm.tag'].search([('name', '=', values['name'])], limit=1),
    )
    return dict(zip(names, records.values(), strict=True)), count
