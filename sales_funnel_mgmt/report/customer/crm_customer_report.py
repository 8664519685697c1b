"""Report on customers: their level, who holds them, what they are worth, how long they are silent."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.tools import get_currency_of, is_open_opportunity
from ...models.customer.key import get_customer_key
from ...models.customer.level import query_level_ranks
from ...models.stage_history.crm_lead import HISTORY_FIELDS

WON_MONTHS = 12


class CrmCustomerReport(models.Model):
    """Report with one row for each customer, salesperson and company.

    A customer that several salespeople share has a row for each of them with what they hold, so amounts
    add up. The level is the customer's, the same in all its rows: each customer is in one level.

    The rows are made of the opportunities that the reader may read. Nobody learns from the level, or from
    the number of salespeople, of an opportunity that is closed to them.
    """

    _name = 'crm.customer.report'
    _description = "Customers"
    _inherit = ['crm.given.record.mixin']
    _auto = False
    _order = 'quota_amount desc, id desc'
    _depends = {
        'crm.lead': [*HISTORY_FIELDS, 'customer_id'],
        'crm.stage': ['is_won', 'sequence', 'rotting_threshold_days'],
        'crm.stage.history': ['is_win', 'won_amount'],
        'mail.activity': ['res_model', 'res_id', 'active', 'date_deadline'],
        'res.partner': ['user_id', 'commercial_partner_id', 'active', 'company_id'],
        'res.users': ['active'],
    }

    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        help="The company that the contacts belong to, or the contact itself.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity Without Contact",
        readonly=True,
        help="An opportunity without a contact counts as a customer of its own.",
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers. A customer of several salespeople counts once in each group "
        "and once in the total.",
    )
    level_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        help="The furthest stage among the customer's open opportunities; the won stage once it has "
        "bought. Empty: no opportunity.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Who holds these opportunities of the customer, or is the customer's own salesperson.",
    )
    holder = fields.Selection(
        selection=[
            ('active', "Salesperson"),
            ('archived', "Archived salesperson"),
            ('nobody', "Nobody"),
        ],
        string="Held By",
        readonly=True,
        help="Whether somebody looks after the customer.",
    )
    holder_count = fields.Integer(
        string="Shared By",
        readonly=True,
        aggregator='max',
        help="How many salespeople the customer has. Of a group: the largest number.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of the opportunities. Without an opportunity: of the customer, if it has one.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    opportunity_count = fields.Integer(
        string="Open Opportunities",
        readonly=True,
        help="Number of open opportunities that the salesperson holds at the customer.",
    )
    expected_revenue = fields.Monetary(
        readonly=True, help="Expected revenue of the open opportunities."
    )
    quota_amount = fields.Monetary(
        readonly=True,
        help="Quota amount of the open opportunities: expected revenue × applied quota rate.",
    )
    won_revenue = fields.Monetary(
        string="Won (12 Months)",
        readonly=True,
        help="Amounts of the opportunities won in the last 12 months, with corrections of that time, "
        "where the opportunities are held today. Who won them is told by Quota vs. Actual.",
    )
    last_contact_at = fields.Datetime(
        string="Last Contact",
        readonly=True,
        help="Last contact on the salesperson's opportunities, in either direction. Internal notes are "
        "no contact.",
    )
    silence_days = fields.Integer(
        string="Days of Silence",
        readonly=True,
        aggregator='min',
        help="Full days since the last contact; without one, since the first of the opportunities began. "
        "Of a group: the fewest.",
    )
    next_activity_date = fields.Date(
        string="Next Activity",
        readonly=True,
        help="Due date of the next activity that is planned on the opportunities.",
    )
    stalled_count = fields.Integer(
        string="Stalled",
        readonly=True,
        help="Number of open opportunities that are in their stage, or without a contact with the "
        "customer, for longer than the stage allows.",
    )
    is_key_account = fields.Boolean(
        related='customer_id.is_key_account',
        related_sudo=True,
        string="Key Account",
        help="A customer that no novice should be given.",
    )

    # === COMPUTE METHODS === #

    @api.depends('customer_id', 'lead_id')
    def _compute_display_name(self):
        for row in self:
            # In sudo mode: who may read the row may read of which opportunity or customer it is.
            source_sudo = (row.customer_id or row.lead_id).sudo()
            row.display_name = source_sudo.display_name

    # === QUERY === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to count the contacts of this transaction first."""
        self.env['crm.lead']._flush_for_stall_query()
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT customer.id, customer.customer_id, customer.lead_id,
                   customer.customer_key AS customer_count,
                   level.stage_id AS level_id, customer.user_id,
                   CASE WHEN customer.user_id IS NULL THEN 'nobody'
                        WHEN salesperson.active THEN 'active' ELSE 'archived'
                   END AS holder,
                   COALESCE(customer.holder_count, 0)::int AS holder_count,
                   customer.company_id, %(currency)s AS currency_id,
                   customer.opportunity_count, customer.expected_revenue, customer.quota_amount,
                   customer.won_revenue, customer.last_contact_at,
                   -- A contact of this transaction is later than its beginning.
                   CASE WHEN customer.last_contact_at > %(now)s THEN 0 ELSE
                        FLOOR(date_part('epoch',
                              %(now)s - COALESCE(customer.last_contact_at, customer.began_at)) / 86400)
                   END::int AS silence_days,
                   customer.next_activity_date, customer.stalled_count
              FROM (
                SELECT ranked.*,
                       MAX(ranked.level) OVER customer AS customer_level,
                       MAX(CASE WHEN ranked.user_id IS NOT NULL THEN ranked.place END)
                           OVER customer AS holder_count
                  FROM (
                    SELECT held.*,
                           DENSE_RANK() OVER (PARTITION BY held.customer_key ORDER BY held.user_id)
                               AS place
                      FROM (%(held)s UNION ALL %(assigned)s) AS held
                       ) AS ranked
                WINDOW customer AS (PARTITION BY ranked.customer_key)
                   ) AS customer
         LEFT JOIN (%(ranks)s) AS level ON level.rank = customer.customer_level
         LEFT JOIN res_users salesperson ON salesperson.id = customer.user_id
            """,
            currency=get_currency_of(self.env, SQL("customer.company_id")),
            now=SQL("%s::timestamp", self.env.cr.now()),
            held=self._query_held(),
            assigned=self._query_assigned(),
            ranks=query_level_ranks(),
        )

    @api.model
    def _query_held(self):
        """Return a query of what each salesperson holds at each customer."""
        return SQL(
            """
            SELECT 2 * MIN(lead.id)::bigint AS id, MIN(lead.customer_id) AS customer_id,
                   MIN(lead.id) FILTER (WHERE lead.customer_id IS NULL) AS lead_id,
                   %(key)s AS customer_key, lead.user_id, lead.company_id,
                   MAX(level.rank) AS level,
                   COUNT(*) FILTER (WHERE %(is_open)s)::int AS opportunity_count,
                   COALESCE(SUM(lead.expected_revenue) FILTER (WHERE %(is_open)s), 0) AS expected_revenue,
                   COALESCE(SUM(lead.quota_amount) FILTER (WHERE %(is_open)s), 0) AS quota_amount,
                   COALESCE(SUM(won.amount), 0) AS won_revenue,
                   MAX(contact.date) AS last_contact_at,
                   MIN(lead.create_date) AS began_at,
                   MIN(activity.date_deadline) AS next_activity_date,
                   COUNT(stalled.lead_id)::int AS stalled_count
              FROM (%(leads)s) AS lead
         LEFT JOIN (%(ranks)s) AS level ON level.stage_id = lead.stage_id
         LEFT JOIN (%(won)s) AS won ON won.lead_id = lead.id
         LEFT JOIN (%(contacts)s) AS contact ON contact.lead_id = lead.id
         LEFT JOIN (%(activities)s) AS activity ON activity.res_id = lead.id
         LEFT JOIN (%(stalled)s) AS stalled ON stalled.lead_id = lead.id
             WHERE %(is_held)s
          GROUP BY %(key)s, lead.user_id, lead.company_id
            """,
            key=get_customer_key('lead'),
            is_open=is_open_opportunity('lead'),
            is_held=self._get_held_condition('lead'),
            leads=self._query_leads(),
            ranks=query_level_ranks(),
            won=self._query_won(),
            contacts=self._query_contacts(),
            activities=self._query_activities(),
            stalled=self.env['crm.workload.report']._query_stalled(),
        )

    @api.model
    def _query_assigned(self):
        """Return a query of the customers whose salesperson holds no opportunity there.

        A salesperson of a contact is one of the customer.
        """
        # Out of sudo mode, as for opportunities
        Partner = self.env['res.partner'].sudo(False).with_context(active_test=True)
        query = Partner._search(Domain('user_id', '!=', False))
        contacts = query.select(
            *(
                SQL.identifier(query.table, name)
                for name in ('id', 'commercial_partner_id', 'user_id', 'company_id')
            )
        )
        return SQL(
            """
            SELECT 2 * MIN(contact.id)::bigint + 1,
                   contact.commercial_partner_id, NULL, contact.commercial_partner_id,
                   contact.user_id, MIN(contact.company_id), NULL, 0, 0, 0, 0,
                   NULL, NULL, NULL, 0
              FROM (%(contacts)s) AS contact
             WHERE NOT EXISTS (
                   SELECT FROM (%(leads)s) AS lead
                    WHERE lead.customer_id = contact.commercial_partner_id
                      AND lead.user_id = contact.user_id
                      AND %(is_held)s)
          GROUP BY contact.commercial_partner_id, contact.user_id
            """,
            contacts=contacts,
            leads=self._query_leads(),
            is_held=self._get_held_condition('lead'),
        )

    @api.model
    def _query_leads(self):
        """Return a query of the opportunities that the reader may read, archived ones included."""
        # Out of sudo mode: a row that Odoo reads in sudo mode, for a related field, stays the reader's.
        query = (
            self
            .env['crm.lead']
            .sudo(False)
            .with_context(active_test=False)
            ._search(Domain('type', '=', 'opportunity'))
        )
        columns = (
            'id customer_id user_id company_id stage_id active type expected_revenue quota_amount'
            ' create_date'
        )
        return query.select(*(SQL.identifier(query.table, name) for name in columns.split()))

    @api.model
    def _get_held_condition(self, alias):
        """Return the condition of the opportunities that make a customer: open, or won for good.

        An opportunity that was archived after it was won still says that the customer has bought.
        """
        return SQL(
            "(%(lead)s.active OR %(lead)s.id IN (SELECT lead_id FROM crm_stage_history WHERE is_win))",
            lead=SQL.identifier(alias),
        )

    @api.model
    def _query_won(self):
        """Return a query of the amounts won in the last 12 months by opportunity: lead_id, amount."""
        since = self.env.cr.now() - relativedelta(months=WON_MONTHS)
        return SQL(
            """
            SELECT lead_id, SUM(amount) AS amount
              FROM (
                SELECT stay.lead_id, stay.won_amount AS amount
                  FROM crm_stage_history stay
                 WHERE stay.is_win AND stay.entered_at >= %(since)s
             UNION ALL
                SELECT stay.lead_id, correction.amount
                  FROM crm_win_correction correction
                  JOIN crm_stage_history stay ON stay.id = correction.stay_id
                 WHERE stay.is_win AND correction.date >= %(since)s
                   ) AS part
          GROUP BY lead_id
            """,
            since=since,
        )

    @api.model
    def _query_contacts(self):
        """Return a query of the last contact of opportunities: lead_id, date."""
        return SQL(
            """
            SELECT contact.lead_id, MAX(contact.date) AS date
              FROM crm_communication contact
             WHERE %s
          GROUP BY contact.lead_id
            """,
            self.env['crm.communication']._get_contact_condition('contact'),
        )

    @api.model
    def _query_activities(self):
        """Return a query of the next activity of opportunities: res_id, date_deadline."""
        return SQL(
            """
            SELECT res_id, MIN(date_deadline) AS date_deadline
              FROM mail_activity
             WHERE res_model = 'crm.lead' AND active
          GROUP BY res_id
            """
        )

    # === ACTION METHODS === #

    def action_open_customer(self):
        """Open the customer of this row; an opportunity without a contact opens itself."""
        check_one(self)
        return (self.customer_id or self.lead_id).get_formview_action()

    def action_open_leads(self):
        """Open the open and won opportunities that these rows are made of."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_workload_report_action'
            ),
            'views': [(False, 'list'), (False, 'pivot')],
            'domain': self._get_lead_domain(),
            'context': {},
        }

    def action_hand_over(self):
        """Open the dialog for a handover of the customers of these rows.

        Rows of one salesperson hand over all that this salesperson holds of the customers. Of several
        salespeople, or without one, the open opportunities are handed over.
        """
        action = self.env['ir.actions.act_window']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_create_action'
        )
        if self and len(self.user_id) == 1 and all(row.user_id and row.customer_id for row in self):
            return {
                **action,
                'context': {
                    'default_from_user_id': self.user_id.id,
                    'default_partner_ids': self.customer_id.ids,
                    'default_reason': 'rebalancing',
                },
            }
        leads = self._get_handed_over()
        if not leads:
            raise UserError(
                self.env._(
                    "These customers of several salespeople have no open opportunity. Please select "
                    "the customers of one salesperson."
                )
            )
        return {**action, 'context': {'default_lead_ids': leads.ids}}

    # === BUSINESS METHODS === #

    def _get_handed_over(self):
        """Return the open opportunities of these rows that the user may read."""
        return self.env['crm.lead'].search(
            Domain(self._get_lead_domain('id'))
            & Domain('type', '=', 'opportunity')
            & Domain('won_status', '=', 'pending')
        )

    def _get_lead_domain(self, lead_field='lead_id'):
        """Return the domain of what these rows hold.

        :param str lead_field: Field with the opportunity, in the model that is searched.
        """
        return list(
            Domain.OR(
                Domain('user_id', '=', row.user_id.id)
                & Domain('company_id', '=', row.company_id.id)
                & (
                    Domain('customer_id', '=', row.customer_id.id)
                    if row.customer_id
                    else Domain(lead_field, '=', row.lead_id.id)
                )
                for row in self
            )
        )
