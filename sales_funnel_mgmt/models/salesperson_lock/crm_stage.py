"""Define the stages that lock the salesperson."""

from odoo import fields, models


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    lock_salesperson = fields.Boolean(
        string="Salesperson Lock",
        help="While an opportunity (or lead) is in this stage, nobody can change or remove its "
        "salesperson, sales administrators included; only a handover can. The stage before a "
        "change counts. Where there is no salesperson yet, one may be chosen.",
    )
