"""Remember the previous user of an activity that was reassigned when the user was archived."""

from odoo import api, fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    former_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Formerly Assigned to",
        readonly=True,
        copy=False,
        ondelete='set null',
        index='btree_not_null',
        help="User whose activity this was until that user was archived. A handover of the "
        "opportunity takes it along, unless somebody has assigned it to another user meanwhile.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: who assigns an activity on purpose wants it to stay there."""
        result = super().write(vals)
        if 'user_id' in vals and 'former_user_id' not in vals:
            # In sudo mode: the system alone writes this field.
            self.sudo().filtered('former_user_id').former_user_id = False
        return result

    @api.model
    def _has_field_access(self, field, operation):
        """Override: the system alone writes whose activity it was."""
        if operation == 'write' and field.name == 'former_user_id' and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Override: a default value that a user sends is no way around the field access."""
        return super().default_get([name for name in fields if name != 'former_user_id'])
