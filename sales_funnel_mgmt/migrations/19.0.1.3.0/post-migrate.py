from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Repair what earlier versions wrote."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.communication']._repair_contacts()
