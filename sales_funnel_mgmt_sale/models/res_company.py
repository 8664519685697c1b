"""Define the source of actuals of a company."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    quota_actual_source = fields.Selection(
        selection=[
            ('won', "Won opportunities"),
            ('order', "Confirmed sales orders"),
            ('invoice', "Posted invoices"),
        ],
        string="Actual",
        required=True,
        default='order',
        help="What counts as actual, and is held against the sales quotas. Won opportunities: expected "
        "revenue, on the day they were won. Confirmed sales orders: untaxed amount, on the order date, "
        "converted at that day's rate. Posted invoices: untaxed amount, credit notes deducted, on "
        "the invoice date.",
    )
