"""Define the opportunities that a quota was taken from."""

from odoo import api, fields, models

from ..quota_rate.crm_lead import ORIGINS


class CrmSalesQuotaLine(models.Model):
    """An opportunity that a quota was taken from, with its values at that moment.

    Only the folder `from_funnel` writes the lines, in SQL. An opportunity that fills the rest of a
    month and a part of the next has a line in each, with a part of its amount.
    """

    _name = 'crm.sales.quota.line'
    _description = "Sales Quota Line"
    _order = 'quota_id, date_deadline, id'
    _rec_name = 'lead_name'
    _log_access = False

    quota_id = fields.Many2one(
        comodel_name='crm.sales.quota',
        string="Sales Quota",
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help="Quota that the opportunity contributed to.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help="Empty once the opportunity is deleted or merged into another one.",
    )
    lead_name = fields.Char(
        string="Name",
        readonly=True,
        help="Name that the opportunity had when the quota was taken.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage that the opportunity was in.",
    )
    date_deadline = fields.Date(
        string="Expected Closing",
        readonly=True,
        help="When the opportunity was expected to be won.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        required=True,
        readonly=True,
        help="Currency of the amounts: that of the company.",
    )
    expected_revenue = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="Expected revenue of the whole opportunity.",
    )
    quota_rate = fields.Float(
        string="Quota Rate (%)",
        digits=(5, 2),
        readonly=True,
        aggregator=None,
        help="Quota rate (0 to 100) that applied.",
    )
    quota_rate_origin = fields.Selection(
        selection=ORIGINS,
        string="Origin of the Rate",
        readonly=True,
        help="Where the quota rate came from.",
    )
    quota_amount = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="Expected revenue × quota rate, of the whole opportunity.",
    )
    amount = fields.Monetary(
        string="Contribution",
        readonly=True,
        help="Part of the quota amount that went into the quota of this month: all of it, unless "
        "the opportunity crosses the border of two months.",
    )

    @api.depends('lead_name')
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.lead_name or ""
