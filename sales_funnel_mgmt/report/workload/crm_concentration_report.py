"""Report on the concentration of won customers on few salespeople."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.tools import is_in_won_stage
from ...models.customer.key import get_customer_key
from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmConcentrationReport(models.Model):
    """Report with one row for each salesperson, team and company.

    Won customers count for the salesperson who holds them today, not for the one who won them: the
    company risks to lose them with the salesperson who holds them.
    """

    _name = 'crm.concentration.report'
    _description = "Concentration"
    _auto = False
    _rec_name = 'user_id'
    _order = 'customer_share desc, id'
    _depends = {
        'crm.lead': [*HISTORY_FIELDS, 'customer_id'],
        'crm.stage': ['is_won'],
        'crm.team.member': ['active', 'crm_team_id'],
        'res.company': ['concentration_limit', 'concentration_min_customers'],
    }

    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Who holds the won customers today.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the won opportunities.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, help="Company of the won opportunities."
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    won_customer_count = fields.Integer(
        string="Won Customers",
        readonly=True,
        help="Different customers of the won opportunities that the salesperson holds in the team. A "
        "customer that two salespeople share counts with each.",
    )
    won_revenue = fields.Monetary(
        string="Won Value",
        readonly=True,
        help="Expected revenue of the won opportunities that the salesperson holds in the team.",
    )
    customer_share = fields.Float(
        string="Share of Customers (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Won customers of the salesperson ÷ won customers of the whole team, in percent. Of a "
        "group: the largest share.",
    )
    value_share = fields.Float(
        string="Share of Value (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Won value of the salesperson ÷ won value of the whole team, in percent. Of a group: the "
        "largest share.",
    )
    customer_hhi = fields.Integer(
        string="HHI of Customers",
        readonly=True,
        aggregator='avg',
        help="Herfindahl-Hirschman index: the sum of the squared shares (in percent) of a group's won "
        "customers. 10,000: one salesperson holds all; 5,000: as much as with two that hold the same; "
        "above 2,500 is called concentrated. Of a row: what it adds to its team's.",
    )
    value_hhi = fields.Integer(
        string="HHI of Value",
        readonly=True,
        aggregator='avg',
        help="Herfindahl-Hirschman index: the sum of the squared shares (in percent) of a group's won "
        "value. Of a row: what it adds to its team's.",
    )
    is_concentrated = fields.Boolean(
        string="Above the Limit",
        readonly=True,
        help="The salesperson's share of the team's won customers is above the concentration limit of "
        "the settings. Never in a team of one, or with fewer won customers than the settings say.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT share.id, share.user_id, share.team_id, share.company_id,
                   COALESCE(company.currency_id, %(currency_id)s) AS currency_id,
                   share.won_customer_count, share.won_revenue,
                   share.customer_share, share.value_share,
                   ROUND(share.customer_share ^ 2)::int AS customer_hhi,
                   ROUND(share.value_share ^ 2)::int AS value_hhi,
                   share.customer_share > limits.concentration_limit
                       AND share.team_count >= limits.concentration_min_customers
                       AND COALESCE(member.count, 0) > 1 AS is_concentrated
              FROM (
                SELECT held.*,
                       SUM(held.won_customer_count) OVER team AS team_count,
                       100.0 * held.won_customer_count / SUM(held.won_customer_count) OVER team
                           AS customer_share,
                       100.0 * held.won_revenue / NULLIF(SUM(held.won_revenue) OVER team, 0)
                           AS value_share
                  FROM (
                    SELECT MIN(lead.id) AS id, lead.user_id, lead.team_id, lead.company_id,
                           COUNT(DISTINCT %(customer_key)s)::int
                               AS won_customer_count,
                           COALESCE(SUM(lead.expected_revenue), 0) AS won_revenue
                      FROM crm_lead lead
                     WHERE lead.active AND lead.type = 'opportunity'
                       AND %(is_won)s
                  GROUP BY lead.user_id, lead.team_id, lead.company_id
                       ) AS held
                WINDOW team AS (PARTITION BY held.team_id, held.company_id)
                   ) AS share
         LEFT JOIN res_company company ON company.id = share.company_id
              JOIN res_company limits ON limits.id = COALESCE(share.company_id, %(company_id)s)
         LEFT JOIN (
                SELECT crm_team_id, COUNT(*) AS count
                  FROM crm_team_member
                 WHERE active
              GROUP BY crm_team_id
                   ) AS member ON member.crm_team_id = share.team_id
            """,
            customer_key=get_customer_key('lead'),
            is_won=is_in_won_stage('lead'),
            currency_id=self.env.company.currency_id.id,
            company_id=self.env.company.id,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Override to compute the index of a group from its sums, not as an average of indexes."""
        measure = {'customer_hhi:avg': 'won_customer_count', 'value_hhi:avg': 'won_revenue'}.get(
            aggregate_spec
        )
        if not measure:
            return super()._read_group_select(aggregate_spec, query)
        part = self._field_to_sql(self._table, measure, query)
        return SQL(
            "ROUND(10000.0 * SUM(%(part)s::numeric ^ 2) / NULLIF(SUM(%(part)s)::numeric ^ 2, 0))",
            part=part,
        )

    # === ACTION METHODS === #

    def action_open_leads(self):
        """Open the won opportunities that this row is made of."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_workload_report_action'
            ),
            'views': [(False, 'list'), (False, 'pivot')],
            'domain': [
                ('is_won', '=', True),
                ('user_id', '=', self.user_id.id),
                ('team_id', '=', self.team_id.id),
                ('company_id', '=', self.company_id.id),
            ],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _get_warnings(self, teams):
        """Return a warning for each team whose won customers are concentrated on a salesperson.

        :param crm.team teams: Teams to check.
        :return: Warning by team. Teams without a warning are left out.
        :rtype: dict[crm.team, str]
        """
        rows = self.search([('team_id', 'in', teams.ids), ('is_concentrated', '=', True)])
        return {
            row.team_id: self.env._(
                "%(user)s holds %(share)s%% of the %(count)s won customers",
                user=row.user_id.display_name or self.env._("Nobody"),
                share=f"{row.customer_share:.0f}",
                count=round(100 * row.won_customer_count / row.customer_share),
            )
            for row in rows.sorted('customer_share')
        }
