"""Let users change their own settings: which e-mails the capabilities send to them."""

from odoo import models

PREFERENCES = [
    'communication_digest',  # communication
    'review_workbook',  # review_workbook
]


class ResUsers(models.Model):
    _name = 'res.users'
    _inherit = ['res.users', 'crm.system.field.mixin']

    @property
    def SELF_READABLE_FIELDS(self):
        """Let users read their own preferences."""
        return [*super().SELF_READABLE_FIELDS, *PREFERENCES]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        """Let users write their own preferences."""
        return [*super().SELF_WRITEABLE_FIELDS, *PREFERENCES]
