"""Store when a user becomes an internal user, or stops being one: messages are judged by that time."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.orm import get_changed_ids


class ResUsers(models.Model):
    _inherit = 'res.users'

    share_changed_at = fields.Datetime(
        string="Inside or Outside Since",
        readonly=True,
        system=True,
        copy=False,
        help="When the user last became an internal user, or stopped being one, other than by being "
        "created with a new contact. Earlier messages count as before that change.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to store when contacts become internal users."""
        if any(vals.get('partner_id') for vals in vals_list):
            # Before they become users: savepoints in the method below would count pending messages.
            self.env['crm.communication']._update_pending()
        users = super().create(vals_list)
        # In sudo mode: only the system writes the field.
        users_sudo = users.sudo()
        users_sudo.browse([
            user.id
            for user, vals in zip(users_sudo, vals_list, strict=True)
            if vals.get('partner_id') and not user.share
        ]).share_changed_at = fields.Datetime.now()
        return users

    def _flush(self):
        """Override to store when users become or stop being internal, however it happens."""
        changed_ids = get_changed_ids(self, ['share'])
        former = dict(
            self.env.execute_query(
                SQL("SELECT id, share FROM res_users WHERE id = ANY(%s)", list(changed_ids))
            )
            if changed_ids
            else ()
        )
        result = super()._flush()
        if former:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE res_users
                       SET share_changed_at = %s
                     WHERE id = ANY(%s) AND share
                        OR id = ANY(%s) AND NOT share
                    """,
                    fields.Datetime.now(),
                    [id_ for id_, share in former.items() if share is False],
                    [id_ for id_, share in former.items() if share is True],
                )
            )
            self.browse(former).invalidate_recordset(['share_changed_at'], flush=False)
        return result
