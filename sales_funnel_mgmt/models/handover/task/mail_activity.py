"""Mark activities as tasks of a handover, and advance the handover when they are done."""

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    handover_line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        readonly=True,
        system=True,
        copy=False,
        ondelete='set null',
        index='btree_not_null',
        help="Handover of the opportunity that this activity is a task of.",
    )
    is_handover_mandatory = fields.Boolean(
        string="Mandatory",
        readonly=True,
        system=True,
        copy=False,
        help="The opportunity counts as handed over when this task is done.",
    )
    handover_reminded_on = fields.Date(
        readonly=True,
        system=True,
        copy=False,
        help="Day on which people were reminded that this task of a handover is overdue.",
    )

    # === CRUD METHODS === #

    def _bring_handover_forward(self, vals):
        """Advance the handovers whose tasks were done or reassigned.

        :param dict vals: Values that were written.
        """
        if 'active' in vals or 'user_id' in vals:
            self._get_handover_lines_sudo()._advance()

    def _note_cancelled_tasks(self):
        """Note at the handover lines that mandatory tasks are deleted and not done."""
        # In sudo mode: the user who deletes a task may have no access to the handover.
        # An uninstallation deletes the lines of the demo data before their tasks.
        existing_sudo = self._get_handover_lines_sudo().exists()
        cancelled_sudo = self.sudo().filtered(
            lambda activity: (
                activity.active
                and activity.handover_line_id in existing_sudo
                and activity.is_handover_mandatory
            )
        )
        for line_sudo, tasks_sudo in cancelled_sudo.grouped('handover_line_id').items():
            names = [
                *filter(None, [line_sudo.cancelled_tasks]),
                *(task.summary or task.activity_type_id.name for task in tasks_sudo),
            ]
            line_sudo.write({
                'cancelled_tasks': ", ".join(names),
                'cancelled_task_count': line_sudo.cancelled_task_count + len(tasks_sudo),
                'cancelled_task_reason': False,
            })

    def _get_handover_lines_sudo(self):
        """Return the handover lines that these activities are tasks of, in sudo mode."""
        # In sudo mode: the user who does a task may have no access to the handover.
        return self.sudo().handover_line_id
