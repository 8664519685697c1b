"""Define the wizard that changes a confirmed quota."""

from odoo import fields, models

from ...models.base.arguments import check_one


class CrmSalesQuotaRevise(models.TransientModel):
    _name = 'crm.sales.quota.revise'
    _description = "Revise Sales Quota"
    _inherit = ['crm.given.record.mixin']

    quota_id = fields.Many2one(
        comodel_name='crm.sales.quota',
        string="Sales Quota",
        required=True,
        readonly=True,
        ondelete='cascade',
        help="Confirmed quota to change.",
    )
    currency_id = fields.Many2one(
        related='quota_id.currency_id',
        help="Currency of the amounts: that of the company.",
    )
    previous_amount = fields.Monetary(
        related='quota_id.amount',
        string="Amount So Far",
        help="Amount before the revision; it is kept.",
    )
    amount = fields.Monetary(
        string="New Amount",
        required=True,
        help="Amount of the quota from now on.",
    )
    user_id = fields.Many2one(related='quota_id.user_id', help="Salesperson of the quota.")
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="New Sales Team",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Sales team that the quota counts for from now on, if the salesperson has moved. Empty: the "
        "same one. Months that are over keep theirs.",
    )
    company_id = fields.Many2one(related='quota_id.company_id', help="Company of the quota.")
    following = fields.Boolean(
        string="The Later Months, Too",
        help="Change the confirmed quotas of the later months in the same way.",
    )
    reason = fields.Char(required=True, help="Why the quota is changed; it is kept.")

    # === ACTION METHODS === #

    def action_revise(self):
        """Revise the quota with the new amount and the reason."""
        check_one(self)
        self.quota_id.revise(self.amount, self.reason, self.team_id, self.following)
        return {'type': 'ir.actions.act_window_close'}
