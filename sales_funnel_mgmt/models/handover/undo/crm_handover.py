"""Undo the transfers of a handover, and cancel the handover if nothing is left of it."""

from odoo import models
from odoo.exceptions import UserError

from ...base.arguments import check_one


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_undo(self):
        """Give back all that was transferred in the last 24 hours."""
        check_one(self)
        self._check_may_run()
        self._undo(self.customer_ids)
        return True

    # === BUSINESS METHODS === #

    def _undo(self, customers):
        """Give back what of some customers was transferred in the last 24 hours.

        :param crm.handover.customer customers: Customers of these handovers.
        :raise UserError: If nothing was, or if something cannot be given back.
        """
        self._check_state('in_progress', 'done')
        # In sudo mode: only the system writes the states. The callers have checked the rights.
        customers_sudo = customers.sudo()
        lines_sudo = customers_sudo.line_ids.filtered_domain(
            customers_sudo.line_ids._get_undo_domain()
        )
        documents_sudo = customers_sudo.document_ids.filtered_domain(
            customers_sudo.document_ids._get_undo_domain()
        )
        if not lines_sudo and not documents_sudo:
            raise UserError(
                self.env._(
                    "Nothing of %(handover)s was transferred in the last 24 hours.",
                    handover=", ".join(self.mapped('name')),
                )
            )
        lines_sudo.lead_id.with_env(self.env).check_access('write')
        lines_sudo._undo()
        documents_sudo._undo()
        self.sudo()._cancel_if_undone()

    def _cancel_if_undone(self):
        """Cancel the handovers whose transfers were all undone, and continue the others. In sudo mode."""
        for handover in self:
            states = {*handover.line_ids.mapped('state'), *handover.document_ids.mapped('state')}
            if handover.state in ('in_progress', 'done'):
                if states <= {'undone', 'skipped', 'cancelled'}:
                    handover._cancel()
                elif handover.state == 'in_progress':
                    handover._start_waves()
