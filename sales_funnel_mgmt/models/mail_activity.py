"""Order the steps that run when activities are created, written and deleted.

The capabilities define the steps. Only this file overrides the methods, and calls the steps.
"""

from odoo import api, models


class MailActivity(models.Model):
    _name = 'mail.activity'
    _inherit = ['mail.activity', 'crm.system.field.mixin']

    @api.model_create_multi
    def create(self, vals_list):
        """Create the activities and count the meetings that they plan."""
        activities = super().create(vals_list)
        activities._recount_planned_meetings()  # communication
        return activities

    def write(self, vals):
        """Write the values, then update the counted meetings and the handovers."""
        # Before the write: afterwards the link to a replaced meeting is lost.
        self._recount_replaced_meetings(vals)  # communication
        result = super().write(vals)
        self._forget_former_user(vals)  # handover
        self._bring_handover_forward(vals)  # handover
        return result

    def unlink(self):
        """Delete the activities, then update the counted contacts and the handovers."""
        lines_sudo = self._get_handover_lines_sudo()  # handover
        self._note_cancelled_tasks()  # handover
        self._recount_represented_contacts()  # communication
        result = super().unlink()
        lines_sudo.exists()._advance()  # handover
        return result

    def _flush(self):
        """Count the activities that are done, however they were changed."""
        activity_ids = self._get_communication_changes()  # communication
        result = super()._flush()
        self.env['crm.communication']._follow('activity', activity_ids)  # communication
        return result
