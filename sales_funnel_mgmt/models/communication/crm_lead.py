"""Keep the communications of opportunities that are merged."""

from odoo import models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    # === CRUD METHODS === #

    def _merge_communications(self, opportunities):
        """Keep what is true of the communications of opportunities that are about to be merged.

        :param crm.lead opportunities: The others, which are merged into this one.
        """
        self.env['crm.communication']._merge(self, opportunities)
