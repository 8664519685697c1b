"""Order the steps that run when activities are created, written and deleted.

The capabilities define the steps. Only this file overrides the methods, and calls the steps. Comments
say where the order matters, and why.
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
        self._clear_former_user(vals)  # handover
        # Before the values are written: the link to a meeting may be among them.
        self._recount_unlinked_meetings(vals)  # communication
        result = super().write(vals)
        # After the values are written: a handover goes on when its tasks are done.
        self._advance_handovers(vals)  # handover
        return result

    def unlink(self):
        """Delete the activities, then update the counted contacts and the handovers."""
        # Before the deletion: the links to handovers, meetings and documents are lost with it.
        lines_sudo = self._get_handover_lines_sudo().exists()  # handover
        lines_sudo._note_cancelled_tasks(self)  # handover
        self._recount_linked_contacts()  # communication
        result = super().unlink()
        # After the deletion: an open task would hold the handover.
        lines_sudo._advance()  # handover
        return result

    def _flush(self):
        """Count the activities that are done, however they were changed."""
        # Before the rows are stored: afterwards it is unknown what has changed.
        activity_ids = self._get_communication_changes()  # communication
        result = super()._flush()
        self.env['crm.communication']._schedule_recount('activity', activity_ids)  # communication
        return result
