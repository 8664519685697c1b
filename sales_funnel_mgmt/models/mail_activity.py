"""What happens when activities are created, written and deleted, and in which order.

The capabilities supply the steps; this file alone overrides the methods and calls them.
"""

from odoo import api, models


class MailActivity(models.Model):
    _name = 'mail.activity'
    _inherit = ['mail.activity', 'crm.system.field.mixin']

    @api.model_create_multi
    def create(self, vals_list):
        """Override to count the meetings that are planned as activities."""
        activities = super().create(vals_list)
        activities._recount_planned_meetings()  # communication
        return activities

    def write(self, vals):
        """Override to follow up activities that change hands or are done."""
        # The meeting that an activity no longer stands for is known before only.
        self._recount_replaced_meetings(vals)  # communication
        result = super().write(vals)
        self._forget_former_user(vals)  # handover
        self._bring_handover_forward(vals)  # handover
        return result

    def unlink(self):
        """Override to follow up what is called off."""
        lines_sudo = self._get_handover_lines_sudo()  # handover
        self._note_cancelled_tasks()  # handover
        self._recount_represented_contacts()  # communication
        result = super().unlink()
        lines_sudo.exists()._advance()  # handover
        return result

    def _flush(self):
        """Override to count what was done, by whichever way it is stored."""
        activity_ids = self._get_communication_changes()  # communication
        result = super()._flush()
        self.env['crm.communication']._follow('activity', activity_ids)  # communication
        return result
