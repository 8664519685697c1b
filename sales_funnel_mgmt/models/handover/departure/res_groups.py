"""Look after the pipelines of users who leave sales because a group changes."""

from odoo import models


class ResGroups(models.Model):
    _inherit = 'res.groups'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to follow users who lose their sales rights with a change of the group."""
        if {'user_ids', 'implied_ids', 'implied_by_ids'}.isdisjoint(vals):
            return super().write(vals)
        # In sudo mode: all salespeople count, whoever changes the group.
        salespeople_sudo = self.env.ref('sales_team.group_sale_salesman').sudo().all_user_ids
        salespeople = salespeople_sudo.with_env(self.env)
        companies_before = salespeople._get_sales_companies()
        result = super().write(vals)
        salespeople._follow_departures(companies_before)
        return result
