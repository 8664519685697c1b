"""Remember the previous user of an activity that was reassigned when the user was archived."""

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    former_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Formerly Assigned to",
        readonly=True,
        system=True,
        copy=False,
        ondelete='set null',
        index='btree_not_null',
        help="User whose activity this was until that user was archived. A handover of the "
        "opportunity takes it along, unless somebody has assigned it to another user meanwhile.",
    )

    # === CRUD METHODS === #

    def _clear_former_user(self, vals):
        """Forget the previous user of activities that were assigned by hand.

        A handover does not reassign these activities any more.

        :param dict vals: Values that were written.
        """
        if 'user_id' in vals and 'former_user_id' not in vals:
            # In sudo mode: only the system writes this field.
            self.sudo().filtered('former_user_id').former_user_id = False
