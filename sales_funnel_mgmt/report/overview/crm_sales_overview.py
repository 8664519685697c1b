"""Collect the figures of the manager's page from the reports."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.date_utils import end_of

from ...models.base.action import get_filtered_action
from ...models.base.arguments import get_id, without_none
from ...models.base.report_period import period_bounds, period_dates, with_period
from ...models.base.tools import get_amount_aggregates
from ...models.sales_quota.figures import AMOUNTS, get_standing

# number of rows that a part shows; its report has the others
SHOWN = 20

# the action that each part opens, and its default filters
REPORTS = {
    'funnel': ('crm_lead_funnel_action', {}),
    'attainment': (
        'crm_quota_report_action',
        {'date': 'custom_this_quarter', 'salespeople': 1},
    ),
    'stalled': ('crm_lead_stalled_action', {'stalled': 1}),
    'handovers': ('crm_handover_action', {}),
    'communications': (
        'crm_communication_report_action',
        {'date': 'custom_this_week', 'contacts': 1},
    ),
    'concentration': ('crm_concentration_report_action', {}),
    'orphans': ('crm_orphan_report_action', {}),
}


class CrmSalesOverview(models.AbstractModel):
    """The manager's page: the current state of the funnel, the quotas and the salespeople.

    Every part is read from the report that it opens, with the record rules of the user.
    """

    _name = 'crm.sales.overview'
    _description = "Sales Overview"

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_overview(self, team_id=None):
        """Return all the figures of the page.

        :param team_id: ID of a sales team; False: all teams; None: the team that the user leads, if
            there is exactly one, else all.
        :return: `teams` to choose from and `team_id`, the one chosen; `currency_id` of the amounts;
            `setup`, see `crm.sales.setup`; and the parts: `funnel`, `attainment`, `stalled`,
            `handovers`, `communications`, `concentration`, `orphans`, each as returned by
            `_get_<part>`, with False for a figure that there is none of.
        :rtype: dict
        :raise AccessError: If the user may see own opportunities only.
        :raise UserError: If `team_id` is no ID.
        """
        if not self.env.user.has_group('sales_team.group_sale_salesman_all_leads'):
            raise AccessError(
                self.env._(
                    "The overview is for those who may see all opportunities. Your own figures are "
                    "under CRM → Sales → My Quota."
                )
            )
        teams = self.env['crm.team'].search([('use_opportunities', '=', True)])
        team = self._choose_team(teams, team_id)
        return without_none({
            'teams': [{'id': team.id, 'name': team.display_name} for team in teams],
            'team_id': team.id,
            'currency_id': self.env.company.currency_id.id,
            'setup': self.env['crm.sales.setup'].get_steps(),
            'funnel': self._get_funnel(team),
            'attainment': self._get_attainment(team),
            'stalled': self._get_stalled(team),
            'handovers': self._get_handovers(team),
            'communications': self._get_communications(team),
            'concentration': self._get_concentration(team or teams),
            'orphans': self._get_orphans(team),
        })

    @api.model
    @api.readonly
    def action_open(self, part, team_id=False, user_id=None):
        """Open the records that a figure of a part counts.

        :param str part: One of `REPORTS`.
        :param team_id: ID of a sales team; falsy: all teams.
        :param user_id: ID of the salesperson of a row; False: the row without a salesperson; None: the
            total.
        :return: Action.
        :rtype: dict
        :raise UserError: If there is no such part, or an argument is no ID.
        """
        if not isinstance(part, str) or part not in REPORTS:
            raise UserError(self.env._("The overview has no part named “%(name)s”.", name=part))
        name, filters = REPORTS[part]
        team = self.env['crm.team'].browse(get_id(self.env, team_id))
        if user_id is not None:
            user_id = get_id(self.env, user_id)
        domain = Domain.TRUE
        filters = dict(filters)
        if part == 'handovers':
            domain = self._get_handover_domain(team)
        elif team:
            filters['team_id'] = team.id
        if user_id:
            filters['user_id'] = user_id
        elif user_id is not None:
            domain &= Domain('user_id', '=', False)
        return get_filtered_action(self.env, name, domain, **filters)

    @api.model
    def _choose_team(self, teams, team_id):
        if team_id is None:
            led = teams.filtered(lambda team: team.user_id == self.env.user)
            return led if len(led) == 1 else led.browse()
        # All teams if the team was deleted, or is not accessible to the user.
        return teams & teams.browse(get_id(self.env, team_id))

    @api.model
    def _of_team(self, team):
        return Domain('team_id', '=', team.id) if team else Domain.TRUE

    @api.model
    def _get_funnel(self, team):
        """Return the funnel *now*, compared with the beginning of the month, see `get_funnel`."""
        domain = Domain('type', '=', 'opportunity') & self._of_team(team)
        return self.env['crm.funnel.report'].get_funnel(list(domain), 'now')

    @api.model
    def _get_attainment(self, team):
        """Return the attainment of the salespeople in this quarter, in descending order.

        Salespeople without a quota stand last. A team includes its members without figures.

        :return: `total` and `rows`, with the keys of `get_standing`; rows also have `id` and `name`.
        :rtype: dict
        """
        company = self.env.company
        months = company._get_sales_period(company._get_sales_today(), 'quarter')
        first, last = months[0], end_of(months[-1], 'month')
        currency = company.currency_id
        amounts = self._get_quota_amounts(team, first, last)
        rows = [
            {'id': user_id, **get_standing(**own, currency=currency)}
            for user_id, own in amounts.items()
        ]
        # The quota of a team itself is a row without a salesperson.
        people = self._name_people([row for row in rows if row['id'] or row['actual']])
        people.sort(
            key=lambda row: (row['attainment'] is None, -(row['attainment'] or 0), row['name'])
        )
        total = {name: sum(row[name] for row in rows) for name in AMOUNTS}
        return {
            'date_from': fields.Date.to_string(first),
            'date_to': fields.Date.to_string(last),
            'total': get_standing(**total, currency=currency),
            **self._cut(people),
        }

    @api.model
    def _get_quota_amounts(self, team, first, last):
        """Return the amounts of a period, by ID of the salesperson.

        A team includes its members without amounts."""
        rows = self.env['crm.quota.report']._read_group(
            self._of_team(team) & Domain('date', '>=', first) & Domain('date', '<=', last),
            ['user_id'],
            get_amount_aggregates(self.env, AMOUNTS),
        )
        return {
            **{user.id: dict.fromkeys(AMOUNTS, 0) for user in team.crm_team_member_ids.user_id},
            **{
                user.id: {name: value or 0 for name, value in zip(AMOUNTS, values, strict=True)}
                for user, *values in rows
            },
        }

    @api.model
    def _get_stalled(self, team):
        """Return the number of stalled opportunities, by clock, and of all open ones."""
        Lead = self.env['crm.lead']
        is_open = (
            self._of_team(team)
            & Domain('type', '=', 'opportunity')
            & (Domain('stage_id', '=', False) | Domain('stage_id.is_won', '=', False))
        )
        open_counts = dict(Lead._read_group(is_open, ['user_id'], ['__count']))
        rows = self._name_people([
            {'id': user.id, 'count': count, 'open': open_counts.get(user, count)}
            for user, count in Lead._read_group(
                is_open & Domain('is_stalled', '=', True), ['user_id'], ['__count']
            )
        ])
        rows.sort(key=lambda row: (-row['count'], row['name']))
        return {
            'count': sum(row['count'] for row in rows),
            'open': sum(open_counts.values()),
            **self._cut(rows),
        }

    @api.model
    def _get_handover_domain(self, team):
        """Return the domain of the handovers in progress that give or take opportunities of a team."""
        domain = Domain('state', '=', 'in_progress')
        if team:
            domain &= Domain(
                'line_ids',
                'any',
                Domain('previous_team_id', '=', team.id) | Domain('to_team_id', '=', team.id),
            )
        return domain

    @api.model
    def _get_handovers(self, team):
        """Return the handovers in progress, the earliest planned ones first."""
        domain = self._get_handover_domain(team)
        Handover = self.env['crm.handover']
        found = Handover.search(domain, order='planned_date, id', limit=SHOWN + 1)
        shown = found[:SHOWN]
        figures = self.env['crm.handover.line']._get_progress_figures('handover_id', shown.ids)
        count = Handover.search_count(domain) if len(found) > SHOWN else len(found)
        return {
            'count': count,
            'hidden': count - len(shown),
            'rows': [
                {
                    'id': handover.id,
                    'name': handover.display_name,
                    'opportunities': handover.line_count,
                    'progress': handover.progress,
                    'overdue': figures.get(handover.id, {}).get('tasks_overdue', 0),
                }
                for handover in shown
            ],
        }

    @api.model
    def _get_communications(self, team):
        """Return this week's contacts with customers, by salesperson and kind.

        They are compared with the week before, up to the same moment."""
        report = with_period(self.env['crm.communication.report'], 'this_week')
        start, _end = period_bounds(report.env)
        now = fields.Datetime.now()
        contacts = self._of_team(team) & Domain('kind', '!=', 'task')
        week = contacts & Domain('date', '>=', start) & Domain('date', '<=', now)
        people = {}
        for user, kind, direction, count in report._read_group(
            week, ['user_id', 'kind', 'direction'], ['__count']
        ):
            row = people.setdefault(user.id, {'id': user.id, 'count': 0, 'kinds': {}})
            row['count'] += count
            name = f'email_{direction}' if kind == 'email' else kind
            row['kinds'][name] = row['kinds'].get(name, 0) + count
        touched = dict(
            report._read_group(week, ['user_id'], ['touched_customer_ref:count_distinct'])
        )
        for user, customers in touched.items():
            people[user.id]['customers'] = customers
        rows = self._name_people(list(people.values()))
        rows.sort(key=lambda row: (-row['count'], row['name']))
        week_ago = relativedelta(days=7)
        first, last = period_dates(report.env)
        return {
            'date_from': fields.Date.to_string(first),
            'date_to': fields.Date.to_string(last),
            'count': sum(row['count'] for row in rows),
            'before': report.search_count(
                contacts
                & Domain('date', '>=', start - week_ago)
                & Domain('date', '<=', now - week_ago)
            ),
            **self._cut(rows),
        }

    @api.model
    def _get_concentration(self, teams):
        """Return the warnings of the teams, in words."""
        warnings = self.env['crm.concentration.report']._get_warnings(teams)
        return [
            {'id': team.id, 'name': team.display_name, 'warning': warnings[team]}
            for team in teams
            if team in warnings
        ]

    @api.model
    def _get_orphans(self, team):
        """Return what salespeople who have left still hold, by salesperson, in descending order.

        Contacts belong to no team: they count for all teams only.
        """
        rows = self._name_people([
            {'id': user.id, 'count': count}
            for user, count in self.env['crm.orphan.report']._read_group(
                self._of_team(team), ['user_id'], ['__count']
            )
        ])
        rows.sort(key=lambda row: (-row['count'], row['name']))
        return {'count': sum(row['count'] for row in rows), **self._cut(rows)}

    @api.model
    def _name_people(self, rows):
        """Add to the rows the names of their salespeople."""
        # In sudo mode: as everywhere in Odoo, users see the names of the records that theirs refer to.
        people_sudo = self.env['res.users'].sudo().browse(row['id'] for row in rows if row['id'])
        names = {user.id: user.name for user in people_sudo}
        for row in rows:
            row['name'] = names.get(row['id']) or self.env._("Nobody")
        return rows

    @api.model
    def _cut(self, rows):
        return {'rows': rows[:SHOWN], 'hidden': max(len(rows) - SHOWN, 0)}
