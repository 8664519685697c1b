"""Say which opportunities return from a leave."""

from odoo import models


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === BUSINESS METHODS === #

    def _filter_returning(self):
        """Return the transferred lines whose opportunity is open and still with the receiver."""
        return self.filtered(
            lambda line: (
                line.transferred_at
                and line.from_user_id
                and line.lead_id.user_id == line.to_user_id
                and line.lead_id.won_status == 'pending'
            )
        )

    def _filter_held(self):
        """Return the lines whose opportunity is open and still with the outgoing salesperson."""
        return self.filtered(
            lambda line: (
                line.lead_id.user_id == line.from_user_id and line.lead_id.won_status == 'pending'
            )
        )

    def _is_on_leave(self):
        """Return whether the opportunity will return to the outgoing salesperson."""
        self.ensure_one()
        handover = self.handover_id
        return (
            handover.reason == 'leave'
            and handover.state in ('in_progress', 'done')
            and bool(self._filter_returning())
            and all(one.state != 'done' for one in handover.return_ids)
        )
