"""Undo the transfers of a handover, and cancel the handover if nothing is left of it."""

from odoo import models
from odoo.exceptions import UserError

from ...base.arguments import check_one


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_undo(self):
        """Give back all opportunities that were transferred in the last 24 hours."""
        check_one(self)
        self._check_may_run()
        self._check_state('in_progress', 'done')
        lines = self.line_ids.filtered_domain(self.line_ids._get_undo_domain())
        if not lines:
            raise UserError(
                self.env._(
                    "Nothing of %(handover)s was transferred in the last 24 hours.",
                    handover=self.name,
                )
            )
        return lines.action_undo()

    # === BUSINESS METHODS === #

    def _cancel_if_undone(self):
        """Cancel the handovers whose transfers were all undone, and continue the others. In sudo mode."""
        for handover in self:
            states = set(handover.line_ids.mapped('state'))
            if handover.state in ('in_progress', 'done'):
                if states <= {'undone', 'skipped', 'cancelled'}:
                    handover._cancel()
                elif handover.state == 'in_progress':
                    handover._start_waves()
