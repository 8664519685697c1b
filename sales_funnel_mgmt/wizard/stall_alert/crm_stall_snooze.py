"""Define the wizard that snoozes stall alerts."""

from datetime import timedelta

from odoo import api, fields, models

from ...models.base.arguments import check_one


class CrmStallSnooze(models.TransientModel):
    """Ask for a day and a reason, and snooze the alerts of opportunities."""

    _name = 'crm.stall.snooze'
    _description = "Snooze Stall Alerts"
    _inherit = ['crm.given.record.mixin']

    lead_ids = fields.Many2many(
        comodel_name='crm.lead',
        string="Opportunities",
        required=True,
        default=lambda self: self._default_lead_ids(),
        domain=[('type', '=', 'opportunity')],
        help="The alerts of these opportunities are snoozed.",
    )
    until = fields.Date(
        string="Snooze Until",
        required=True,
        default=lambda self: self.env.company._get_sales_today() + timedelta(days=7),
        help="On this day the alarm is on again.",
    )
    reason = fields.Char(
        required=True,
        help="Why the opportunity may rest; noted on the opportunity.",
    )

    @api.model
    def _default_lead_ids(self):
        context = self.env.context
        ids = context.get('active_ids', []) if context.get('active_model') == 'crm.lead' else []
        return self.env['crm.lead'].browse(ids)

    # === ACTION METHODS === #

    def action_snooze(self):
        """Snooze the alerts."""
        check_one(self)
        self.lead_ids._snooze_stall_alerts(self.until, self.reason)
        return {'type': 'ir.actions.act_window_close'}
