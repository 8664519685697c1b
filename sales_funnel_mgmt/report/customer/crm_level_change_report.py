"""Report on the changes of the level of customers."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.base.tools import get_currency_of
from ...models.customer.key import get_customer_key
from ...models.customer.level import query_level_ranks
from ...models.stage_history.crm_lead import HISTORY_FIELDS


class CrmLevelChangeReport(models.Model):
    """Report with one row for each change of a customer's level.

    The level at a moment is the furthest stage of the stays at that moment; a win that stands keeps the
    customer won. The rows are derived from the stays that the reader may read, and balance with them: what
    came to a level less what left it is in it now.
    """

    _name = 'crm.level.change.report'
    _description = "Level Changes"
    _inherit = ['crm.given.record.mixin', 'crm.lead.link.mixin', 'crm.company.day.mixin']
    _auto = False
    _rec_name = 'lead_id'
    _order = 'date desc, id desc'
    _depends = {
        'crm.lead': [*HISTORY_FIELDS, 'customer_id'],
        'crm.stage': ['is_won', 'sequence'],
    }

    date = fields.Datetime(readonly=True, help="When the level changed.")
    customer_id = fields.Many2one(
        comodel_name='res.partner', readonly=True, help="The customer. Empty if it is not known."
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator='count_distinct',
        help="Number of different customers.",
    )
    change_count = fields.Integer(
        string="Changes", readonly=True, help="Number of changes of level."
    )
    kind = fields.Selection(
        selection=[
            ('new', "New"),
            ('up', "Up"),
            ('won', "First Order"),
            ('down', "Down"),
            ('gone', "No Opportunity"),
            ('back', "Back"),
        ],
        string="Change",
        readonly=True,
        help="New: the customer's first opportunity. First order: the customer has bought. No "
        "opportunity: the last one was lost, archived or deleted. Back: a customer without an "
        "opportunity has one again.",
    )
    previous_level_id = fields.Many2one(
        comodel_name='crm.stage',
        string="From Level",
        readonly=True,
        help="Level before the change. Empty: no opportunity, or a stage that is not known any more.",
    )
    level_id = fields.Many2one(
        comodel_name='crm.stage',
        string="To Level",
        readonly=True,
        help="Level after the change. Empty: no opportunity, or a stage that is not known any more.",
    )
    days = fields.Float(
        string="Days in Previous Level",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) since the level changed before. Of a group: the average.",
    )
    days_to_order = fields.Float(
        string="Days to First Order",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) from the first contact with the customer to its first order; without a "
        "contact before, from its first opportunity. Of a group: the average.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        help="The opportunity that changed the level. Empty if it is deleted or merged.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Salesperson of that opportunity at that time.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        help="Sales team of that opportunity at that time.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        help="Company of that opportunity at that time.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        readonly=True,
        help="Currency of the amount: that of the company.",
    )
    expected_revenue = fields.Monetary(
        readonly=True,
        help="Expected revenue of that opportunity when it left the stage, or now.",
    )

    # === COMPUTE METHODS === #

    @api.depends('lead_id', 'customer_id')
    def _compute_display_name(self):
        for row in self:
            # In sudo mode: who may read the row may read of which opportunity or customer it is.
            source_sudo = (row.customer_id or row.lead_id).sudo()
            row.display_name = source_sudo.display_name

    # === QUERY === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to count the contacts of this transaction first."""
        self.env['crm.communication']._update_pending()
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT 2 * stay.id::bigint + (NOT change.is_entry)::int AS id,
                   change.at AS date, %(day)s AS day,
                   NULLIF(GREATEST(change.customer_key, 0), 0) AS customer_id,
                   change.customer_key AS customer_count, 1 AS change_count,
                   CASE WHEN new.is_won AND old.is_won IS NOT TRUE THEN 'won'
                        WHEN change.level IS NULL THEN 'gone'
                        WHEN change.previous_level IS NOT NULL
                        THEN CASE WHEN change.level > change.previous_level THEN 'up' ELSE 'down' END
                        WHEN change.previous_at IS NULL THEN 'new' ELSE 'back'
                   END AS kind,
                   old.stage_id AS previous_level_id, new.stage_id AS level_id,
                   date_part('epoch', change.at - change.previous_at) / 86400 AS days,
                   CASE WHEN new.is_won AND old.is_won IS NOT TRUE THEN
                        date_part('epoch', change.at - LEAST(change.first_at, contact.date)) / 86400
                   END AS days_to_order,
                   stay.lead_id, stay.user_id, stay.team_id, stay.company_id,
                   %(currency)s AS currency_id, stay.expected_revenue
              FROM (
                SELECT moved.*, LAG(moved.at) OVER customer AS previous_at
                  FROM (
                    SELECT past.*,
                           LAG(past.level) OVER customer AS previous_level,
                           MIN(past.at) OVER customer AS first_at
                      FROM (%(levels)s) AS past
                    WINDOW customer AS (PARTITION BY past.customer_key ORDER BY past.at)
                       ) AS moved
                 WHERE moved.level IS DISTINCT FROM moved.previous_level
                WINDOW customer AS (PARTITION BY moved.customer_key ORDER BY moved.at)
                   ) AS change
              JOIN crm_stage_history stay ON stay.id = change.stay_id
         LEFT JOIN (%(stages)s) AS old ON old.rank = change.previous_level
         LEFT JOIN (%(stages)s) AS new ON new.rank = change.level
         LEFT JOIN (%(contacts)s) AS contact ON contact.customer_key = change.customer_key
                   %(owner)s
            """,
            day=self._select_day(SQL("change.at")),
            owner=self._join_day(),
            currency=get_currency_of(self.env, SQL("stay.company_id")),
            levels=self._query_levels(),
            stages=SQL(
                "SELECT level.*, stage.is_won FROM (%s) AS level"
                " JOIN crm_stage stage ON stage.id = level.stage_id",
                query_level_ranks(),
            ),
            contacts=self._query_first_contacts(),
        )

    @api.model
    def _query_levels(self):
        """Return a query of the level of customers after each beginning or end of a stay.

        Its columns are customer_key, at, level, stay_id and is_entry: the stay that the level comes
        from, or that ended. Level 0 stands for an unknown stage, and NULL for no opportunity.
        """
        covers = SQL(
            "(stay.entered_at <= event.at AND (stay.is_win OR stay.left_at IS NULL OR stay.left_at > event.at))"
        )
        return SQL(
            """
            SELECT after.customer_key, after.at, after.level,
                   CASE WHEN after.entry[1] = after.level THEN after.entry[2]
                        ELSE COALESCE(after.exit[2], after.entry[2]) END AS stay_id,
                   COALESCE(after.entry[1] = after.level, FALSE) OR after.exit IS NULL AS is_entry
              FROM (
                SELECT event.customer_key, event.at,
                       MAX(stay.rank) FILTER (WHERE %(covers)s) AS level,
                       MAX(ARRAY[stay.rank, stay.id]) FILTER (
                           WHERE stay.entered_at = event.at AND %(covers)s) AS entry,
                       MAX(ARRAY[stay.rank, stay.id]) FILTER (WHERE stay.left_at = event.at) AS exit
                  FROM (
                    SELECT customer_key, entered_at AS at FROM (%(stays)s) AS begun
                     UNION
                    SELECT customer_key, left_at FROM (%(stays)s) AS ended WHERE left_at IS NOT NULL
                       ) AS event
                  JOIN (%(stays)s) AS stay ON stay.customer_key = event.customer_key
              GROUP BY event.customer_key, event.at
                   ) AS after
            """,
            covers=covers,
            stays=self._query_stays(),
        )

    @api.model
    def _query_stays(self):
        """Return a query of the stays that the reader may read, with customer and rank of the stage.

        A deleted opportunity counts as a customer of its own, since its customer is unknown.
        """
        # Out of sudo mode: a row that Odoo reads in sudo mode stays the reader's.
        query = self.env['crm.stage.history'].sudo(False)._search([])
        columns = 'id lead_id lead_ref stage_id entered_at left_at is_win'
        return SQL(
            """
            SELECT stay.id, stay.entered_at, stay.left_at, stay.is_win,
                   COALESCE(level.rank, 0) AS rank,
                   COALESCE(%(key)s, -stay.lead_ref) AS customer_key
              FROM (%(stays)s) AS stay
         LEFT JOIN crm_lead lead ON lead.id = stay.lead_id
         LEFT JOIN (%(ranks)s) AS level ON level.stage_id = stay.stage_id
            """,
            key=get_customer_key('lead'),
            stays=query.select(*(SQL.identifier(query.table, name) for name in columns.split())),
            ranks=query_level_ranks(),
        )

    @api.model
    def _query_first_contacts(self):
        """Return a query of the first contact of customers: customer_key, date.

        Only opportunities that the reader may read count.
        """
        query = self.env['crm.lead'].sudo(False).with_context(active_test=False)._search([])
        return SQL(
            """
            SELECT %(key)s AS customer_key, MIN(contact.date) AS date
              FROM crm_communication contact
              JOIN (%(leads)s) AS lead ON lead.id = contact.lead_id
             WHERE %(is_contact)s
          GROUP BY %(key)s
            """,
            key=get_customer_key('lead'),
            leads=query.select(
                *(SQL.identifier(query.table, name) for name in ('id', 'customer_id'))
            ),
            is_contact=self.env['crm.communication']._get_contact_condition('contact'),
        )
