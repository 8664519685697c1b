"""Keep copies of opportunities from salespeople who have left."""

from odoo import models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        """Override so that the copy of an opportunity goes to nobody who has left.

        Odoo leaves out archived salespeople. Users without sales rights, portal users and those of
        other companies have left as well.
        """
        vals_list = super().copy_data(default)
        if 'user_id' in (default or {}):
            return vals_list
        Book = self.env['crm.book']
        for lead, vals in zip(self, vals_list, strict=True):
            user = lead.user_id
            if user and not user._works_in_sales(lead.company_id):
                successor = Book._find_successor(
                    user, lead.partner_id, lead.team_id, lead.company_id
                )
                vals['user_id'] = successor.id
                if successor and lead.type == 'opportunity':
                    vals['date_open'] = self.env.cr.now()
        return vals_list
