from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Repair what earlier versions have recorded wrongly; each repair logs how much it was."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.stage.history']._repair_wins()
    env['crm.stage.history']._repair_stage_entries()
    env['crm.stage.history']._repair_companies()
    env['crm.stage.history']._repair_won_amounts()
