"""Begin the waves of handovers, one after the other."""

from odoo import models

from ..crm_handover_line import ONGOING_STATES


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === BUSINESS METHODS === #

    def _continue(self):
        """Finish the lines that were held up when their last task was done, and begin the next wave.

        Lines that were held up at the start, because of their receiver, are transferred.
        """
        self.line_ids.filtered(
            lambda line: (
                line.handover_id.transfer_mode == 'now'
                and line.state in ONGOING_STATES
                and not line.transferred_at
            )
        )._transfer_finished()
        self.line_ids.filtered(lambda line: line.state == 'in_progress')._finish()
        self._start_waves()

    def _start_waves(self):
        """Begin the next wave of each handover without a wave in progress. In sudo mode.

        A handover with no wave and no document left is done. A wave without mandatory tasks is finished at once, so
        that the next one begins.
        """
        Line = self.env['crm.handover.line']
        handovers = self.filtered(lambda handover: handover.state == 'in_progress')
        while handovers:
            # The documents of a customer follow its last opportunity.
            handovers.customer_ids._advance()
            wave_by_state = {
                (handover, state): wave
                for handover, state, wave in Line._read_group(
                    [('handover_id', 'in', handovers.ids), ('state', 'in', ONGOING_STATES)],
                    ['handover_id', 'state'],
                    ['wave:min'],
                )
            }
            busy = handovers.browse(
                handover.id for handover, state in wave_by_state if state == 'in_progress'
            )
            next_wave = {
                handover: wave
                for (handover, _state), wave in wave_by_state.items()
                if handover not in busy
            }
            finished = handovers - busy - handovers.browse().union(*next_wave)
            done = finished.filtered(lambda handover: not handover._get_waiting_documents())
            if done:
                done.write({'state': 'done', 'ended_at': self.env.cr.now()})
            if next_wave:
                Line._begin_waves(next_wave)
            handovers -= busy + finished
