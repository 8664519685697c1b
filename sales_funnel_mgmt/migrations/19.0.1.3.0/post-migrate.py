from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Repair what earlier versions wrote."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.communication']._repair_contacts()
    env['crm.handover']._repair_rules_of_cancelled_drafts()
    env['crm.handover.line']._repair_names_of_outgoing_salespeople()
