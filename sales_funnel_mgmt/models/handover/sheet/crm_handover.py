"""The printable handover sheet."""

from odoo import models


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === BUSINESS METHODS === #

    def _get_sheet_parts(self):
        """Return the opportunities for each receiver, as far as the user may see them.

        The lines are in sudo mode: on paper there are also the names of contacts and colleagues
        whose own records may be closed to the reader.

        :return: [{'user': res.users, 'lines': crm.handover.line}], the unallocated ones last
        :rtype: list
        """
        self.ensure_one()
        visible = self.env['crm.handover.line'].search([('handover_id', '=', self.id)])
        lines_by_user = visible.sudo().grouped('to_user_id')
        return [
            {'user': user, 'lines': lines}
            for user, lines in sorted(
                lines_by_user.items(), key=lambda item: (not item[0], item[0].name or "")
            )
        ]
