"""Report on the concentration of won customers on few salespeople."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.group_measures import get_amount, get_united_count
from ...models.base.tools import is_in_won_stage
from ...models.customer.key import get_customer_key
from ...models.stage_history.crm_lead import HISTORY_FIELDS
from ...models.workload.concentration import (
    Share,
    get_index_of_amounts,
    get_index_of_counts,
)


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
        "customer that two salespeople share counts with each, and once in a group.",
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
        help="Won customers of the salesperson ÷ different won customers of the whole team, in percent. "
        "The shares of salespeople who share customers add up to more than 100 %. Of a group: the "
        "largest share.",
    )
    value_share = fields.Float(
        string="Share of Value (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='max',
        help="Won value of the salesperson ÷ won value of the whole team, in percent. A salesperson "
        "whose won value is below 0 counts with 0. Of a group: the largest share.",
    )
    customer_hhi = fields.Integer(
        string="HHI of Customers",
        readonly=True,
        aggregator='avg',
        help="Herfindahl-Hirschman index: the sum of the squared shares (in percent) of the salespeople "
        "of a group in its won customers. 10,000: one salesperson holds all; 5,000: as much as with two "
        "that hold the same; above 2,500 is called concentrated. A customer that two salespeople share "
        "is a customer of each; the shares are those of all these. Of a row: what it adds to its team's.",
    )
    value_hhi = fields.Integer(
        string="HHI of Value",
        readonly=True,
        aggregator='avg',
        help="Herfindahl-Hirschman index: the sum of the squared shares (in percent) of the salespeople "
        "of a group in its won value. A salesperson whose won value is below 0 counts with 0. Of a row: "
        "what it adds to its team's.",
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
            SELECT share.*,
                   COALESCE(company.currency_id, %(currency_id)s) AS currency_id,
                   ROUND(10000.0 * share.won_customer_count ^ 2 / share.holding_count ^ 2)::int
                       AS customer_hhi,
                   ROUND((share.value_share ^ 2)::numeric)::int AS value_hhi,
                   share.customer_share > limits.concentration_limit
                       AND share.team_customer_count >= limits.concentration_min_customers
                       AND COALESCE(member.count, 0) > 1 AS is_concentrated
              FROM (
                SELECT held.*,
                       SUM(held.won_customer_count) OVER team AS holding_count,
                       SUM(held.first_count) OVER team AS team_customer_count,
                       %(customer_share)s AS customer_share,
                       %(value_share)s AS value_share
                  FROM (
                    SELECT MIN(part.id) AS id, part.user_id, part.team_id, part.company_id,
                           COUNT(*)::int AS won_customer_count,
                           ARRAY_AGG(part.customer_key)::text AS customer_keys,
                           SUM(part.is_first::int) AS first_count,
                           SUM(part.won_revenue) AS won_revenue
                      FROM (
                        SELECT MIN(lead.id) AS id, lead.user_id, lead.team_id, lead.company_id,
                               %(customer_key)s AS customer_key,
                               COALESCE(SUM(lead.expected_revenue), 0) AS won_revenue,
                               -- Of the salespeople who share a customer in the team, one counts it.
                               ROW_NUMBER() OVER (
                                   PARTITION BY lead.team_id, lead.company_id, %(customer_key)s
                               ) = 1 AS is_first
                          FROM crm_lead lead
                         WHERE lead.active AND lead.type = 'opportunity'
                           AND %(is_won)s
                      GROUP BY lead.user_id, lead.team_id, lead.company_id, %(customer_key)s
                           ) AS part
                  GROUP BY part.user_id, part.team_id, part.company_id
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
            customer_share=Share.sql(
                SQL("held.won_customer_count"), SQL("SUM(held.first_count) OVER team")
            ),
            value_share=Share.sql(
                SQL("GREATEST(held.won_revenue, 0)"),
                SQL("SUM(GREATEST(held.won_revenue, 0)) OVER team"),
            ),
            is_won=is_in_won_stage('lead'),
            currency_id=self.env.company.currency_id.id,
            company_id=self.env.company.id,
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to count the customers of a group once, and to compute its indexes."""
        user = self._field_to_sql(self._table, 'user_id', query)
        keys = SQL.identifier(self._table, 'customer_keys')
        match aggregate_spec:
            case 'won_customer_count:sum':
                return get_united_count(keys)
            case 'customer_hhi:avg':
                return get_index_of_counts(user, keys)
            case 'value_hhi:avg':
                return get_index_of_amounts(user, get_amount(self, 'won_revenue', query))
        return super()._read_group_select(aggregate_spec, query)

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
