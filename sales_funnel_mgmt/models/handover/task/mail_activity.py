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

    def _advance_handovers(self, vals):
        """Advance the handovers whose tasks were done or reassigned.

        :param dict vals: Values that were written.
        """
        if 'active' in vals or 'user_id' in vals:
            self._get_handover_lines_sudo()._advance()

    def _get_handover_lines_sudo(self):
        """Return the handover lines that these activities are tasks of, in sudo mode."""
        # In sudo mode: the user who does a task may have no access to the handover.
        return self.sudo().handover_line_id
