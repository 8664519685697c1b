"""Ask for the day on which an opportunity was won, and for the reason."""

from odoo import fields, models

from ...models.base.arguments import check_one


class CrmWinCorrectDay(models.TransientModel):
    _name = 'crm.win.correct.day'
    _description = "Correct Day of Win"
    _inherit = ['crm.given.record.mixin']

    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get('active_id'),
        ondelete='cascade',
        help="The opportunity that was won.",
    )
    day = fields.Date(required=True, help="Day on which the win counts, in the company.")
    reason = fields.Char(required=True, help="Why the win counts on another day; it is kept.")

    # === ACTION METHODS === #

    def action_correct(self):
        """Let the win count on the day."""
        check_one(self)
        self.env['crm.win.correction']._correct_day(self.lead_id, self.day, self.reason)
        return {'type': 'ir.actions.act_window_close'}
