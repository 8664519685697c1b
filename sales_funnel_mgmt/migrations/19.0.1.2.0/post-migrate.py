from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Fill what this version brings as a new installation does: the communications so far."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.communication']._rebuild()
