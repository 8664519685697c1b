"""Keep users with locked opportunities from being deleted."""

from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = 'res.users'

    @api.ondelete(at_uninstall=False)
    def _unlink_except_salesperson_locked(self):
        """Refuse to delete salespeople of locked opportunities.

        The database would empty the salesperson without any other check.
        """
        # In sudo mode: a user who deletes others may have no access to the opportunities.
        leads_sudo = self.env['crm.lead'].sudo().with_context(active_test=False)
        count_by_user = leads_sudo._read_group(
            [('user_id', 'in', self.ids), ('is_salesperson_locked', '=', True)],
            ['user_id'],
            ['__count'],
        )
        if count_by_user:
            raise UserError(
                self.env._(
                    "These users cannot be deleted: they are the salespeople of opportunities in "
                    "stages with the salesperson lock. Users and numbers of opportunities:\n\n"
                    "%(users)s\n\n"
                    "Archive the users, or have a sales administrator hand the opportunities over "
                    "first.",
                    users="\n".join(
                        f"- {user.display_name}: {count}" for user, count in count_by_user
                    ),
                )
            )
