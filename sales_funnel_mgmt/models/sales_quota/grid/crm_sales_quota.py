"""Read and write the grid of a year: salespeople and teams × months."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...base.arguments import get_amount, get_day, get_id
from ...base.months import first_of_month


class CrmSalesQuota(models.Model):
    _inherit = 'crm.sales.quota'

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_grid(self, day=False):
        """Return the quotas of a year in the current company.

        The grid shows the members of the teams, and all others who have a quota.

        :param str day: Any day of the year; the current one by default.
        :return: `year` (its name), `date_from`, `company`, `currency_id`, `can_edit`, `months`
            (`date`, `label`) and `teams`: each with `id`, `name`, `cells` of its own quotas and
            `members`, which have `user_id`, `name`, `cells` and `other_team` (the name of the team
            that the member's quotas count for, if they belong to several and it is another one). A
            cell is False without a quota, else it has `id`, `amount`, `state`.
        :rtype: dict
        :raise UserError: If it is not a day.
        """
        self.check_access('read')
        company = self.env.company
        day = get_day(self.env, day) if day else company._get_sales_today()
        months = company._get_sales_period(day, 'year')
        cells = self._get_grid_cells(months)
        owners = self._get_grid_owners() | cells.keys()
        # In sudo mode: only the names of salespeople whose quotas the user may read.
        names = {
            field: {
                record.id: record.name
                for record in self.env[model].sudo().browse({owner[index] for owner in owners})
            }
            for index, field, model in ((0, 'team', 'crm.team'), (1, 'user', 'res.users'))
        }
        members = defaultdict(list)
        for team_id, user_id in owners:
            if user_id:
                members[team_id].append({
                    'user_id': user_id,
                    'name': names['user'][user_id],
                    'other_team': self._get_other_team(team_id, user_id, cells, names['team']),
                    'cells': cells.get((team_id, user_id), [False] * len(months)),
                })
        teams = [
            {
                'id': team_id,
                'name': names['team'].get(team_id) or self.env._("No Sales Team"),
                'cells': cells.get((team_id, False), [False] * len(months)),
                'members': sorted(members[team_id], key=lambda member: member['name'] or ""),
            }
            for team_id in {owner[0] for owner in owners}
        ]
        return {
            'year': company._get_sales_year_label(months),
            'date_from': fields.Date.to_string(months[0]),
            'company': company.display_name,
            'currency_id': company.currency_id.id,
            'can_edit': self.has_access('write'),
            'months': [
                {
                    'date': fields.Date.to_string(month),
                    'label': format_date(self.env, month, date_format='MMM'),
                }
                for month in months
            ],
            'teams': sorted(teams, key=lambda team: (not team['id'], team['name'])),
        }

    @api.model
    def _get_other_team(self, team_id, user_id, cells, team_names):
        """Return the name of the team that the quotas of a salesperson of several teams count for.

        :return: A name, or False if this row has quotas, or none has.
        """
        if (team_id, user_id) in cells:
            return False
        others = [other for other, owner_id in cells if owner_id == user_id]
        return team_names.get(others[0]) or self.env._("No Sales Team") if others else False

    @api.model
    def set_grid_amount(self, team_id, user_id, month, amount):
        """Set one cell of the grid: create the quota, change the draft, or delete it.

        :param int team_id: Sales team of the row; False for salespeople without one.
        :param int user_id: Salesperson; False for the team's own quota.
        :param str month: Any day of the month.
        :param float amount: Amount; False to delete the draft.
        :return: The cell as `get_grid` returns it.
        :raise UserError: If one of them is something else.
        """
        team_id, user_id = get_id(self.env, team_id), get_id(self.env, user_id)
        month = first_of_month(get_day(self.env, month))
        if amount is not False and amount is not None:
            amount = get_amount(self.env, amount)
        domain = Domain('company_id', '=', self.env.company.id) & Domain('month', '=', month)
        if user_id:
            domain &= Domain('user_id', '=', user_id)
        else:
            domain &= Domain('user_id', '=', False) & Domain('team_id', '=', team_id)
        quota = self.search(domain)
        if amount is False or amount is None:
            quota.unlink()
            return False
        if quota and user_id and (quota.team_id.id or False) != team_id:
            raise UserError(
                self.env._(
                    "A salesperson has one quota a month for all their sales teams. %(quota)s counts "
                    "for %(team)s: please change it there, or revise it to give it another team.",
                    quota=quota.display_name,
                    team=quota.team_id.display_name or self.env._("no sales team"),
                )
            )
        if quota:
            quota.amount = amount
        else:
            quota = self.create({
                'user_id': user_id,
                'team_id': team_id,
                'month': month,
                'amount': amount,
            })
        return quota._get_grid_cell()

    def _get_grid_cell(self):
        return {'id': self.id, 'amount': self.amount, 'state': self.state}

    @api.model
    def _get_grid_cells(self, months):
        """Return the cells of the year that have a quota: a list by team id and user id."""
        quotas = self.search_fetch(
            [('company_id', '=', self.env.company.id), ('month', 'in', months)],
            ['user_id', 'team_id', 'month', 'amount', 'state'],
        )
        columns = {month: number for number, month in enumerate(months)}
        cells = defaultdict(lambda: [False] * len(months))
        for quota in quotas:
            row = cells[quota.team_id.id, quota.user_id.id]
            row[columns[quota.month]] = quota._get_grid_cell()
        return dict(cells)

    @api.model
    def _get_grid_owners(self):
        """Return the rows of the grid, with or without quotas.

        A row is (team id, user id) for each member whose quotas the user may read, and
        (team id, False) for each team."""
        members = self.env['crm.team.member'].search([
            ('crm_team_id.company_id', 'in', (self.env.company.id, False)),
            ('user_id.company_ids', 'in', self.env.company.ids),
        ])
        if not self.env.user.has_group('sales_team.group_sale_salesman_all_leads'):
            members = members.filtered(lambda member: member.user_id == self.env.user)
        return {
            (member.crm_team_id.id, user_id)
            for member in members
            for user_id in (member.user_id.id, False)
        }
