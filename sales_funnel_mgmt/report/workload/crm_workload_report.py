"""Report on the workload of salespeople: their customers by stage, with value and activities."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.company_day import get_company_today
from ...models.base.group_measures import get_distinct_count, get_pair, get_ratio
from ...models.base.group_scope import (
    get_groups,
    get_scope,
    is_of_group,
    is_scope_translatable,
    note_domain,
    note_group,
)
from ...models.base.tools import get_company_of, is_in_won_stage, join_owner
from ...models.customer.key import get_customer_key
from ...models.stage_history.crm_lead import HISTORY_FIELDS

# Fields of `crm.team.member` by the fields of the report that choose salespeople
MEMBER_FIELDS = {
    'user_id': 'user_id',
    'team_id': 'crm_team_id',
    'company_id': 'user_id.company_id',
}


class CrmWorkloadReport(models.Model):
    """Report with one row for each open or won opportunity.

    The main columns are in an index of crm.lead (`models/customer`), and PostgreSQL reads only the
    index. The other tables are joined so that PostgreSQL skips those that a query does not need.
    """

    _name = 'crm.workload.report'
    _description = "Workload"
    _inherit = ['crm.lead.link.mixin']
    _auto = False
    _rec_name = 'lead_id'
    _order = 'user_id, stage_id, id desc'
    _depends = {
        'crm.lead': [*HISTORY_FIELDS, 'customer_id'],
        'crm.stage': ['is_won', 'rotting_threshold_days'],
        'mail.activity': ['res_model', 'res_id', 'active', 'date_deadline'],
        'res.users': ['active'],
    }

    lead_id = fields.Many2one(
        comodel_name='crm.lead', string="Opportunity", readonly=True, help="The opportunity."
    )
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        help="The company that the contact belongs to, or the contact itself. An opportunity without "
        "a contact counts as a customer of its own.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Who holds the opportunity today.",
    )
    holder = fields.Selection(
        selection=[
            ('active', "Salesperson"),
            ('archived', "Archived salesperson"),
            ('nobody', "Nobody"),
        ],
        string="Held By",
        readonly=True,
        help="Whether somebody looks after the opportunity: what nobody holds, or somebody whose user "
        "is archived, is without a hand.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage', readonly=True, help="Stage that the opportunity is in."
    )
    is_won = fields.Boolean(string="Won", readonly=True, help="The opportunity is in a won stage.")
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the opportunity.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, help="Company of the opportunity."
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers. A customer with several opportunities counts once in each "
        "group and once in the total.",
    )
    opportunity_count = fields.Integer(
        string="Opportunities",
        readonly=True,
        help="Number of opportunities, open and won.",
    )
    expected_revenue = fields.Monetary(
        readonly=True, help="Expected revenue of the opportunities, open and won."
    )
    quota_amount = fields.Monetary(
        readonly=True, help="Quota amount: expected revenue × applied quota rate."
    )
    won_customer_count = fields.Integer(
        string="Won Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers with a won opportunity. They are counted where they are "
        "held today; who won them is told by the sales cycle report.",
    )
    won_revenue = fields.Monetary(
        string="Won Value",
        readonly=True,
        help="Expected revenue of the won opportunities that are held.",
    )
    stalled_count = fields.Integer(
        string="Stalled",
        readonly=True,
        help="Number of open opportunities that are in their stage, or without a contact with the "
        "customer, for longer than the stage allows.",
    )
    overdue_activity_count = fields.Integer(
        string="Overdue Activities",
        readonly=True,
        help="Number of planned activities on the opportunities with a due date before today.",
    )
    holding_capacity = fields.Integer(
        readonly=True,
        aggregator='sum',
        help="How many customers the salespeople of the group can look after, in all their teams and "
        "stages: the holding capacity of the team members. Groups of salespeople, sales teams and "
        "companies include salespeople without customers. Who has no limit is left out.",
    )
    capacity_use = fields.Float(
        string="Capacity Used (%)",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Customers of the group held by salespeople with a holding capacity, in percent of that "
        "capacity: sum ÷ sum. A salesperson without customers uses 0 % of theirs. Above 100: more than "
        "they can look after. Empty without a capacity.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT lead.id, lead.id AS lead_id, lead.customer_id, lead.user_id, lead.stage_id,
                   lead.team_id, lead.company_id,
                   %(currency)s AS currency_id,
                   CASE WHEN lead.user_id IS NULL THEN 'nobody'
                        WHEN holder.active THEN 'active' ELSE 'archived'
                   END AS holder,
                   %(is_won)s AS is_won,
                   %(customer)s AS customer_count,
                   1 AS opportunity_count,
                   lead.expected_revenue,
                   lead.quota_amount,
                   CASE WHEN %(is_won)s THEN %(customer)s END AS won_customer_count,
                   CASE WHEN %(is_won)s THEN lead.expected_revenue ELSE 0 END AS won_revenue,
                   CASE WHEN stalled.lead_id IS NULL THEN 0 ELSE 1 END AS stalled_count,
                   COALESCE(overdue.count, 0) AS overdue_activity_count,
                   NULL::int AS holding_capacity,
                   NULL::float8 AS capacity_use
              FROM crm_lead lead
         LEFT JOIN res_users holder ON holder.id = lead.user_id
         LEFT JOIN (%(stalled)s) AS stalled ON stalled.lead_id = lead.id
         LEFT JOIN (%(overdue)s) AS overdue ON overdue.res_id = lead.id
             WHERE lead.active AND lead.type = 'opportunity'
            """,
            currency=self._get_currency(),
            is_won=is_in_won_stage('lead'),
            customer=get_customer_key('lead'),
            stalled=self._query_stalled(),
            overdue=self._query_overdue(),
        )

    @api.model
    def _get_currency(self):
        """Return an SQL expression for the currency of the opportunity's company."""
        # In sudo mode: the opportunity's company may not be one of the user's.
        companies_sudo = self.env['res.company'].sudo().search(Domain.TRUE)
        cases = [
            SQL("WHEN %s THEN %s", company.id, company.currency_id.id) for company in companies_sudo
        ]
        return SQL(
            "CASE lead.company_id %s ELSE %s END",
            SQL(" ").join(cases),
            self.env.company.currency_id.id,
        )

    @api.model
    def _query_stalled(self):
        """Return a query of the stalled opportunities: lead_id."""
        return SQL(
            "SELECT stall.lead_id FROM (%s) AS stall GROUP BY stall.lead_id",
            self.env['crm.lead']._get_stall_query(),
        )

    @api.model
    def _query_overdue(self):
        """Return a query of the number of overdue activities by opportunity: res_id, count."""
        return SQL(
            """
            SELECT activity.res_id, COUNT(*) AS count
              FROM mail_activity activity
              JOIN crm_lead lead ON lead.id = activity.res_id
                   %(owner)s
             WHERE activity.res_model = 'crm.lead' AND activity.active
               AND activity.date_deadline < %(today)s
          GROUP BY activity.res_id
            """,
            owner=join_owner('lead'),
            today=get_company_today(self.env, get_company_of('lead')),
        )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to remember whose capacity counts."""
        query = super()._search(domain, *args, **kwargs)
        note_domain(query, domain)
        return query

    @api.model
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Override to remember whose capacity a group is about."""
        term = super()._read_group_groupby(alias, groupby_spec, query)
        if alias == self._table:
            note_group(query, groupby_spec, term)
        return term

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override to sum the capacity of each salesperson once, and to divide the customers by it."""
        if aggregate_spec not in ('holding_capacity:sum', 'capacity_use:avg'):
            return super()._read_group_select(aggregate_spec, query)
        user = self._field_to_sql(self._table, 'user_id', query)
        member_capacity = self.env['crm.team.member']._query_capacity()
        # The aggregate in the subselect is the one of the outer group.
        holders, members = (
            SQL(
                """(SELECT SUM(capacity) FROM (%s) AS member
                    WHERE user_id = ANY(ARRAY_AGG(DISTINCT %s)) OR %s)""",
                member_capacity,
                user,
                condition,
            )
            for condition in (SQL("FALSE"), self._get_member_condition(query))
        )
        # PostgreSQL looks for the expressions of GROUPING() in its own query only, not in a subselect.
        others = [
            SQL("GROUPING(%s) = 1", term)
            for name, term in get_groups(query).items()
            if name not in MEMBER_FIELDS
        ]
        capacity = (
            SQL("CASE WHEN %s THEN %s ELSE %s END", SQL(" AND ").join(others), members, holders)
            if others
            else members
        )
        if aggregate_spec == 'holding_capacity:sum':
            return capacity
        customer = self._field_to_sql(self._table, 'customer_count', query)
        held = SQL(
            "%s FILTER (WHERE %s IN (SELECT user_id FROM (%s) AS member))",
            get_distinct_count(get_pair(user, customer)),
            user,
            member_capacity,
        )
        return get_ratio(held, capacity, 100)

    @api.model
    def _get_member_condition(self, query):
        """Return the condition that a `member` belongs to a group, also without a customer.

        Filters and groups by salesperson, sales team and company choose members. Other filters, such as
        the stage, are about what somebody holds. The caller looks at the other groups.

        :rtype: SQL
        """
        if not is_scope_translatable(query, self._translate_to_members):
            return SQL("FALSE")
        Member = self.env['crm.team.member']
        scope = get_scope(query, self._translate_to_members)
        if not self.env.user.has_group('sales_team.group_sale_salesman_all_leads'):
            # The report shows no other salespeople's opportunities.
            scope &= Domain('user_id', '=', self.env.uid)
        members = Member._search(scope)
        table = Member._table
        columns = {
            'user_id': Member._field_to_sql(table, 'user_id', members),
            'team_id': Member._field_to_sql(table, 'crm_team_id', members),
            'company_id': SQL(
                "(SELECT company_id FROM res_users WHERE id = %s)",
                Member._field_to_sql(table, 'user_id', members),
            ),
        }
        for name, term in get_groups(query).items():
            if name in MEMBER_FIELDS:
                members.add_where(is_of_group(columns[name], term))
        return SQL("user_id IN %s", members.subselect(columns['user_id']))

    @api.model
    def _translate_to_members(self, condition):
        """Return the domain on team members of a condition, None if it is not about salespeople."""
        name, _dot, path = condition.field_expr.partition('.')
        if name not in MEMBER_FIELDS:
            return None
        return Domain(
            '.'.join(filter(None, (MEMBER_FIELDS[name], path))), condition.operator, condition.value
        )
