"""Define which customers are key accounts: by hand, or by the value of their won opportunities."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.tools import is_in_won_stage, match_boolean


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'crm.system.field.mixin']

    key_account = fields.Selection(
        selection=[('yes', "Key account"), ('no', "No key account")],
        copy=False,
        groups='sales_team.group_sale_salesman',
        write_groups='sales_team.group_sale_manager',
        help="Whether the customer is a key account. Empty: by the value of its won opportunities, as the "
        "settings say. The choice on the company counts, not that on its contacts. Sales administrators "
        "only.",
    )
    is_key_account = fields.Boolean(
        compute='_compute_is_key_account',
        search='_search_is_key_account',
        compute_sudo=True,
        groups='sales_team.group_sale_salesman',
        help="A customer that no novice should be given: set by hand, or by the value of its won "
        "opportunities in one company.",
    )

    # === COMPUTE METHODS === #

    @api.depends('key_account', 'commercial_partner_id.key_account')
    def _compute_is_key_account(self):
        customers = self.commercial_partner_id
        rows = (
            self.env.execute_query(self._query_key_accounts(customers.ids)) if customers.ids else []
        )
        key_ids = {id_ for (id_,) in rows}
        for partner in self:
            partner.is_key_account = partner.commercial_partner_id._origin.id in key_ids

    @api.model
    def _search_is_key_account(self, operator, value):
        if operator != 'in':
            return NotImplemented
        key_accounts = Domain(
            'id',
            'in',
            SQL(
                "(SELECT id FROM res_partner WHERE commercial_partner_id IN (%s))",
                self._query_key_accounts(),
            ),
        )
        return match_boolean(value, key_accounts)

    # === BUSINESS METHODS === #

    @api.model
    def _query_key_accounts(self, customer_ids=None):
        """Return a query of the IDs of the key accounts: companies, not their contacts.

        :param list[int] customer_ids: Customers to check. By default all.
        """
        self.flush_model(['key_account', 'commercial_partner_id'])
        among = SQL("TRUE") if customer_ids is None else SQL("id = ANY(%s)", customer_ids)
        by_hand = SQL("SELECT id FROM res_partner WHERE key_account = 'yes' AND %s", among)
        # In sudo mode: the rule does not depend on the companies of the current user.
        companies_sudo = self.env['res.company'].sudo().search([('key_account_revenue', '>', 0)])
        if not companies_sudo:
            return by_hand
        self.env['crm.lead'].flush_model()
        return SQL(
            """
            %(by_hand)s
            UNION
            SELECT won.customer_id
              FROM (
                SELECT lead.customer_id
                  FROM crm_lead lead
                  JOIN res_company company ON company.id = lead.company_id
                 WHERE lead.active AND lead.type = 'opportunity'
                   AND %(is_won)s
                   AND lead.company_id = ANY(%(company_ids)s)
                   AND lead.customer_id IN (SELECT id FROM res_partner WHERE %(among)s)
              GROUP BY lead.customer_id, company.id
                HAVING SUM(lead.expected_revenue) >= company.key_account_revenue
                   ) AS won
              JOIN res_partner customer ON customer.id = won.customer_id
             WHERE customer.key_account IS DISTINCT FROM 'no'
            """,
            by_hand=by_hand,
            is_won=is_in_won_stage('lead'),
            company_ids=companies_sudo.ids,
            among=among,
        )
