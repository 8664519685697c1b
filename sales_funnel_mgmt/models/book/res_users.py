"""Say who works in sales: everybody else has left and should hold nothing any more."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.model
    def _get_salesperson_domain(self):
        """Return the domain of the users who work in sales: active internal users with sales rights."""
        salesman_group = self.env.ref('sales_team.group_sale_salesman')
        return Domain([
            ('active', '=', True),
            ('share', '=', False),
            ('all_group_ids', 'in', salesman_group.ids),
        ])

    def _works_in_sales(self, company=None):
        """Return whether the user works in sales, and in a company.

        :param res.company company: By default any company.
        :rtype: bool
        """
        self.ensure_one()
        # In sudo mode: the user may be closed to the current one.
        user_sudo = self.sudo()
        return (
            user_sudo.active
            and not user_sudo.share
            and user_sudo.has_group('sales_team.group_sale_salesman')
            and (not company or company.id in user_sudo._get_company_ids())
        )

    def _get_last_sales_team(self):
        """Return the sales team of the user, or the last one of a user who has left. In sudo mode."""
        user_sudo = self.sudo().with_context(active_test=False)
        return user_sudo.sale_team_id or user_sudo.crm_team_member_ids.sorted('id')[-1:].crm_team_id

    @api.model
    def _query_salespeople(self):
        """Return a subquery of the IDs of the users who work in sales."""
        # In sudo mode: a manager may not read the groups of all users.
        return self.sudo()._search(self._get_salesperson_domain()).subselect()

    @api.model
    def _has_left(self, user, company):
        """Return the SQL condition that a user has left sales, or the company of a record.

        :param SQL user: Expression of the ID of the user, not NULL.
        :param SQL company: Expression of the ID of the company. NULL belongs to all companies.
        """
        return SQL(
            """
            (%(user)s NOT IN %(salespeople)s
             OR (%(company)s IS NOT NULL
                 AND (%(user)s, %(company)s) NOT IN (
                    SELECT user_id, cid FROM res_company_users_rel)))
            """,
            user=user,
            company=company,
            salespeople=self._query_salespeople(),
        )
