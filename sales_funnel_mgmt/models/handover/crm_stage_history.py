"""Link a stay in the stage history to the handover that brought its salesperson."""

from odoo import api, fields, models
from odoo.tools import SQL


class CrmStageHistory(models.Model):
    _inherit = 'crm.stage.history'

    handover_line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        string="Handover",
        readonly=True,
        ondelete='set null',
        index='btree_not_null',
        help="Handover in which the salesperson of this stay got the opportunity, or got it back.",
    )

    @api.model
    def _note_handover(self, lines):
        """Link the open stays of opportunities to the handover that changed their salesperson.

        :param crm.handover.line lines: Lines whose opportunities have just changed salesperson.
        """
        if not lines:
            return
        lines.flush_recordset(['lead_id'])
        self._link_new_salespeople(
            'handover_line_id',
            SQL("SELECT lead_id, id FROM crm_handover_line WHERE id = ANY(%s)", lines.ids),
        )
