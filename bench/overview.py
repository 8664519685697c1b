"""Measure the call of the manager's page, for a sales team and for all teams.

Of 200 salespeople, a team has twenty."""

from .measure import Measure


def overview_of_team(env, stopwatch):
    team = env['crm.team'].search([('crm_team_member_ids', '!=', False)], limit=1)
    with stopwatch():
        env['crm.sales.overview'].get_overview(team.id)


def overview_of_all(env, stopwatch):
    with stopwatch():
        env['crm.sales.overview'].get_overview(False)


MEASURES = (
    Measure("overview of one sales team", addon=overview_of_team),
    Measure("overview of all", addon=overview_of_all),
)
