"""Share fields and access of the reports on stays."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.customer.key import get_customer_key
from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmStageReportMixin(models.AbstractModel):
    """What the SQL reports about the stays of the stage history have in common.

    A report's query selects from `crm_stage_history stay` what `_select_stay` returns, and what is
    its own. Whatever it counts, the credit is the stay's: of the salesperson who held the opportunity
    then, not of its owner of today.
    """

    _name = 'crm.stage.report.mixin'
    _description = "Stage Report"
    _inherit = ['crm.given.record.mixin']
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
        help="Who held the opportunity then: the credit stays with whoever earned it.",
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

    # === ACTION METHODS === #

    def action_open_lead(self):
        """Open the opportunity of this row, if there still is one.

        :return: Window action, or False.
        """
        check_one(self)
        if not self.lead_id:
            return False
        return self.lead_id.get_formview_action()

    # === BUSINESS METHODS === #

    @api.model
    def _select_stay(self):
        """Return the columns that every report has, for its SELECT clause."""
        return SQL(
            """
            stay.lead_id, stay.lead_ref, %(customer_ref)s AS customer_ref, stay.user_id, stay.team_id, stay.company_id,
            COALESCE(
                (SELECT currency_id FROM res_company WHERE id = stay.company_id), %(currency_id)s
            ) AS currency_id,
            stay.expected_revenue, stay.quota_amount
            """,
            customer_ref=self._select_customer(),
            currency_id=self.env.company.currency_id.id,
        )

    @api.model
    def _select_customer(self):
        """Return an expression in SQL: the key of the customer. An opportunity that is gone counts as a
        customer of its own, for nobody knows any more whose it was."""
        return SQL(
            "COALESCE((SELECT %s FROM crm_lead lead WHERE lead.id = stay.lead_id), -stay.lead_ref)",
            get_customer_key('lead'),
        )

    @api.model
    def _days_between(self, begin, end):
        """Return an expression in SQL: the days (of 24 hours, with fractions) between two moments.

        :param SQL begin: Expression of a timestamp.
        :param SQL end: Expression of a timestamp.
        """
        # not EXTRACT, whose numeric result is slow to count with
        return SQL("(date_part('epoch', %s - %s) / 86400)", end, begin)

    def _read_group_select(self, aggregate_spec, query):
        """Override: of a group, the days in the stage are their median, in the reports that have
        them."""
        if aggregate_spec == 'stage_days:avg':
            return SQL(
                "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %s)",
                self._field_to_sql(self._table, 'stage_days', query),
            )
        return super()._read_group_select(aggregate_spec, query)
