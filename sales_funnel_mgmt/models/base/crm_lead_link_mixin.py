"""Open the opportunity that a record is about."""

from odoo import models

from .arguments import check_one


class CrmLeadLinkMixin(models.AbstractModel):
    """Open the opportunity in the field `lead_id` of a record."""

    _name = 'crm.lead.link.mixin'
    _description = "Link to an Opportunity"

    # === ACTION METHODS === #

    def action_open_lead(self):
        """Open the opportunity, if there still is one.

        :return: Window action, or False.
        :rtype: dict | bool
        """
        check_one(self)
        return self.lead_id.get_formview_action() if self.lead_id else False
