"""Lock the salesperson of customers that have an opportunity in a stage with the salesperson lock.

New quotations go to the salesperson of the customer. Without this lock, a customer would change hands
although its opportunity may not.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.naming import list_some


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'crm.salesperson.lock.mixin']

    is_salesperson_locked = fields.Boolean(
        string="Salesperson Locked",
        compute='_compute_is_salesperson_locked',
        compute_sudo=True,
        help="The salesperson cannot be changed: an opportunity of the customer is in a stage with the "
        "salesperson lock. The way through is a handover by a sales administrator. Without a "
        "salesperson, one may be chosen.",
    )

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'commercial_partner_id')
    def _compute_is_salesperson_locked(self):
        locked = self._origin._filter_salesperson_locked()
        for partner in self:
            partner.is_salesperson_locked = partner._origin in locked

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to check changes of salesperson against the lock."""
        self._check_salesperson_change(vals)
        return super().write(vals)

    def _flush(self):
        """Override to check changes of salesperson that have not passed `write`."""
        changed_ids = self._check_pending_salespeople()
        result = super()._flush()
        self._forget_checked_salespeople(changed_ids)
        return result

    # === BUSINESS METHODS === #

    def _check_salesperson_of_merge(self, remaining):
        """Check that the salespeople of locked customers stay when these are merged into a contact.

        :param res.partner remaining: Contact that remains. It keeps its salesperson, if it has one.
        :raise UserError: If a locked customer would change hands.
        """
        # In sudo mode: customers whose opportunities the user may not read are locked as well.
        merged_sudo = (self | remaining).sudo()._filter_salesperson_locked()
        salesperson = remaining.sudo().user_id
        locked_sudo = merged_sudo.filtered(
            lambda partner: salesperson and partner.user_id != salesperson
        )
        if len(merged_sudo.user_id) > 1 or locked_sudo:
            raise UserError(
                self.env._(
                    "These contacts cannot be merged: the salesperson of some would change, and they "
                    "have an opportunity in a stage with the salesperson lock.\n\n"
                    "%(customers)s\n\n"
                    "Hand the customers over to one salesperson first.",
                    customers=list_some(self.env, locked_sudo or merged_sudo),
                )
            )

    def _filter_salesperson_locked(self):
        """Override to store first what the query reads."""
        self.flush_recordset(['user_id', 'commercial_partner_id'])
        return super()._filter_salesperson_locked()

    @api.model
    def _find_salesperson_locks(self, ids):
        """Override to find the contacts of customers that have a locked opportunity."""
        return self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.user_id
                  FROM res_partner partner
                 WHERE partner.id = ANY(%(ids)s)
                   AND partner.user_id IS NOT NULL
                   AND %(is_locked)s
                """,
                ids=ids,
                is_locked=self.env['crm.lead']._is_customer_locked(
                    SQL.identifier('partner', 'commercial_partner_id')
                ),
            )
        )

    @api.model
    def _raise_salesperson_locked(self, records_sudo):
        """Override to list the customers."""
        raise UserError(
            self.env._(
                "The salesperson cannot be changed: these customers have an opportunity in a stage "
                "with the salesperson lock.\n\n"
                "%(customers)s\n\n"
                "Start a handover of these customers, or ask a sales administrator for one.",
                customers=list_some(self.env, records_sudo),
            )
        )
