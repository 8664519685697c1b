"""Mark activities as tasks of a handover, and advance the handover when they are done."""

from odoo import api, fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    handover_line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        readonly=True,
        copy=False,
        ondelete='set null',
        index='btree_not_null',
        help="Handover of the opportunity that this activity is a task of.",
    )
    is_handover_mandatory = fields.Boolean(
        string="Mandatory",
        readonly=True,
        copy=False,
        help="The opportunity counts as handed over when this task is done.",
    )
    handover_reminded_on = fields.Date(
        readonly=True,
        copy=False,
        help="Day on which people were reminded that this task of a handover is overdue.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a task that is done brings its handover forward."""
        result = super().write(vals)
        if 'active' in vals or 'user_id' in vals:
            self._bring_handover_forward()
        return result

    def unlink(self):
        """Override: so does a task that is called off."""
        # In sudo mode: who does a task may not see the handover.
        lines_sudo = self.sudo().handover_line_id
        result = super().unlink()
        lines_sudo.exists()._advance()
        return result

    def _bring_handover_forward(self):
        # In sudo mode: who does a task may not see the handover.
        lines_sudo = self.sudo().handover_line_id
        if lines_sudo:
            lines_sudo._advance()

    @api.model
    def _has_field_access(self, field, operation):
        """Override: what makes an activity a task of a handover is written by the handover alone."""
        if (
            operation == 'write'
            and not self.env.su
            and field.name in ('handover_line_id', 'is_handover_mandatory', 'handover_reminded_on')
        ):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Override: a default value that a user sends is no way around the field access."""
        return super().default_get([
            name
            for name in fields
            if name not in ('handover_line_id', 'is_handover_mandatory', 'handover_reminded_on')
        ])
