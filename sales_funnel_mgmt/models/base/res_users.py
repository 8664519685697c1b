"""Find the users who get the e-mails of the capabilities, and the day where they are."""

from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    # === BUSINESS METHODS === #

    @api.model
    def _get_subscribers(self, preference):
        """Return the users who want an e-mail of the addon and may have it.

        They are internal users with sales rights and an e-mail address.

        :param str preference: Name of the field by which users subscribe.
        """
        salesman = self.env.ref('sales_team.group_sale_salesman')
        return self.search([
            (preference, '=', True),
            ('share', '=', False),
            ('email', '!=', False),
            ('all_group_ids', 'in', salesman.ids),
        ])

    def _get_local_today(self):
        """Return the day that it is in the time zone of the user."""
        self.ensure_one()
        return fields.Date.context_today(self.with_context(tz=self.tz or 'UTC'))
