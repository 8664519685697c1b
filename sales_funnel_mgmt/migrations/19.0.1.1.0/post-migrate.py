from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Rebuild the stage history and give the stages their example handover plans, which this version
    brings, as a new installation does."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.stage.history']._rebuild()
    env['crm.stage']._set_example_handover_plans()
