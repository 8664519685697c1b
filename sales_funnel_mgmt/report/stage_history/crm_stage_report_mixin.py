"""Share the fields of the reports on stays."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.group_measures import get_median
from ...models.base.tools import get_currency_of
from ...models.customer.key import get_customer_key
from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmStageReportMixin(models.AbstractModel):
    """Share the fields of the SQL reports on the stays of the stage history.

    The query of a report selects the columns of `_select_stay`, and its own, from `crm_stage_history stay`.
    The credit belongs to the salesperson of the stay, not to the present one of the opportunity.
    """

    _name = 'crm.stage.report.mixin'
    _description = "Stage Report"
    _inherit = ['crm.given.record.mixin', 'crm.lead.link.mixin']
    _auto = False
    _rec_name = 'lead_id'
    _depends = {'crm.lead': [*HISTORY_FIELDS, 'customer_id']}

    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="Empty if the opportunity has been deleted or merged into another one.",
    )
    lead_ref = fields.Integer(
        string="Opportunities",
        readonly=True,
        aggregator='count_distinct',
        help="Database ID of the opportunity. Of a group: the number of different opportunities.",
    )
    customer_ref = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Database ID of the customer: the company of the opportunity's contact, if it has one; an "
        "opportunity without a contact counts as a customer of its own. Of a group: the number of "
        "different customers.",
    )
    partner_id = fields.Many2one(
        related='lead_id.partner_id',
        string="Customer",
        help="Customer of the opportunity.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Salesperson of the opportunity at that time, who keeps the credit.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of the opportunity, as it was then.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of the opportunity, as it was then.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    expected_revenue = fields.Monetary(
        readonly=True,
        help="Expected revenue, as it was when the opportunity left, or is now.",
    )
    quota_amount = fields.Monetary(
        readonly=True,
        help="Quota amount, as it was when the opportunity left, or is now.",
    )

    # === COMPUTE METHODS === #

    @api.depends('lead_id')
    def _compute_display_name(self):
        # In sudo mode: who may read the row may read which opportunity it is of.
        for row, row_sudo in zip(self, self.sudo(), strict=True):
            row.display_name = row_sudo.lead_id.display_name

    # === BUSINESS METHODS === #

    @api.model
    def _select_stay(self):
        """Return the columns that every report has, for its SELECT clause."""
        return SQL(
            """
            stay.lead_id, stay.lead_ref, %(customer_ref)s AS customer_ref, stay.user_id, stay.team_id, stay.company_id,
            %(currency_id)s AS currency_id,
            stay.expected_revenue, stay.quota_amount
            """,
            customer_ref=self._select_customer(),
            currency_id=get_currency_of(self.env, SQL("stay.company_id")),
        )

    @api.model
    def _select_customer(self):
        """Return the SQL expression of the key of the customer.

        A deleted opportunity counts as a customer of its own, since its customer is unknown.
        """
        return SQL(
            "COALESCE((SELECT %s FROM crm_lead lead WHERE lead.id = stay.lead_id), -stay.lead_ref)",
            get_customer_key('lead'),
        )

    @api.model
    def _get_stage_of_team_condition(self, alias):
        """Return the SQL condition that a stage is one of the sales team of the stay.

        :param str alias: Alias of the row of crm_stage.
        """
        teams = self.env['crm.stage']._fields['team_ids']
        return SQL(
            """(NOT EXISTS (SELECT FROM %(rel)s r WHERE r.%(stage)s = %(id)s)
                OR EXISTS (SELECT FROM %(rel)s r
                            WHERE r.%(stage)s = %(id)s AND r.%(team)s = stay.team_id))""",
            rel=SQL.identifier(teams.relation),
            stage=SQL.identifier(teams.column1),
            team=SQL.identifier(teams.column2),
            id=SQL.identifier(alias, 'id'),
        )

    @api.model
    def _days_between(self, begin, end):
        """Return the SQL expression of the days (of 24 hours, with fractions) between two moments.

        :param SQL begin: Expression of a timestamp.
        :param SQL end: Expression of a timestamp.
        """
        # EXTRACT returns numeric, which is slow to calculate with.
        return SQL("(date_part('epoch', %s - %s) / 86400)", end, begin)

    def _read_group_select(self, aggregate_spec, query):
        """Override to compute the median of the days in the stage of a group."""
        if aggregate_spec == 'stage_days:avg':
            return get_median(self._field_to_sql(self._table, 'stage_days', query))
        return super()._read_group_select(aggregate_spec, query)
