"""Store the customer of an opportunity: the company of its contact.

The workload report counts customers over all opportunities. Joining the contacts each time would
take longer than the rest of the report.
"""

from odoo import api, fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    customer_id = fields.Many2one(
        comodel_name='res.partner',
        compute='_compute_customer_id',
        store=True,
        system=True,
        index='btree_not_null',
        help="The company that the contact belongs to, or the contact itself. An opportunity without "
        "a contact counts as a customer of its own.",
    )

    # All columns of the workload report, which then reads the index and not the table.
    _workload_idx = models.Index(
        '(user_id, stage_id, customer_id, id)'
        ' INCLUDE (team_id, company_id, expected_revenue, quota_amount)'
        " WHERE active AND type = 'opportunity'"
    )

    # === COMPUTE METHODS === #

    @api.depends('partner_id.commercial_partner_id')
    def _compute_customer_id(self):
        for lead in self:
            # In sudo mode: the company above the contact may be closed to the user.
            lead.customer_id = lead.partner_id.sudo().commercial_partner_id

    # === BUSINESS METHODS === #

    def _get_customer_key(self):
        """Return the key of the customer: its id, or the negative id of an opportunity without one.

        `key.get_customer_key` is the same rule in SQL."""
        self.ensure_one()
        return self.customer_id.id or -self.id

    @api.model
    def _refresh_customers(self, partner):
        """Update the opportunities of a contact after a change that bypassed the ORM."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead
                   SET customer_id = %(customer_id)s
                 WHERE partner_id = %(partner_id)s
                   AND customer_id IS DISTINCT FROM %(customer_id)s
                """,
                # In sudo mode: the company above the contact may be closed to the user.
                customer_id=partner.sudo().commercial_partner_id.id,
                partner_id=partner.id,
            )
        )
        self.invalidate_model(['customer_id'], flush=False)

    @api.model
    def _fill_customers(self):
        """Fill the column of all opportunities at an upgrade, without loading them."""
        self.env.flush_all()
        self.env.cr.execute(SQL("ALTER TABLE crm_lead %s", self._get_customer_filling()))
        self.invalidate_model(['customer_id'], flush=False)

    @api.model
    def _get_customer_filling(self):
        """Return the action of an ALTER TABLE that fills the column while it rewrites the table.

        Such an action may contain a function but no subquery. This function is temporary: it is
        dropped with the session.
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION pg_temp.sales_funnel_customer(contact int) RETURNS int
                LANGUAGE sql STABLE
                AS 'SELECT commercial_partner_id FROM res_partner WHERE id = contact'
                """
            )
        )
        return SQL(
            "ALTER COLUMN customer_id TYPE int4 USING pg_temp.sales_funnel_customer(partner_id)"
        )
