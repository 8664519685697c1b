"""Define the changes of confirmed quotas."""

from odoo import fields, models


class CrmSalesQuotaRevision(models.Model):
    """A change of a confirmed quota.

    Only `crm.sales.quota.revise` writes it. Its author and time are those of the record.
    """

    _name = 'crm.sales.quota.revision'
    _description = "Sales Quota Revision"
    _inherit = ['crm.given.record.mixin']
    _order = 'id desc'
    _rec_name = 'reason'

    quota_id = fields.Many2one(
        comodel_name='crm.sales.quota',
        string="Sales Quota",
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help="Quota that was changed.",
    )
    currency_id = fields.Many2one(
        related='quota_id.currency_id',
        help="Currency of the amounts: that of the company.",
    )
    previous_amount = fields.Monetary(
        readonly=True,
        required=True,
        aggregator=None,
        help="Amount before the revision.",
    )
    amount = fields.Monetary(
        string="New Amount",
        readonly=True,
        required=True,
        aggregator=None,
        help="Amount since the revision.",
    )
    previous_team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Previous Sales Team",
        readonly=True,
        ondelete='restrict',
        help="Sales team that the quota counted for before the revision.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="New Sales Team",
        readonly=True,
        ondelete='restrict',
        help="Sales team that the quota has counted for since the revision.",
    )
    reason = fields.Char(
        readonly=True,
        required=True,
        help="Why the quota was changed.",
    )
