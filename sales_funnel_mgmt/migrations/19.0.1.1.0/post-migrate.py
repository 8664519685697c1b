"""Fill the customers, the stage history and the handover plans that version 1.1 adds."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Fill the new columns and tables as an installation does."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.lead']._fill_customers()
    env['crm.stage.history']._rebuild()
    env['crm.stage']._set_example_handover_plans()
