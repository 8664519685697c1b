"""Repair what earlier versions wrote."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Repair what earlier versions wrote; each repair logs how many rows it repaired."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    # The stays first: communications take their stage and salesperson from them.
    env['crm.stage.history']._repair_wins()
    env['crm.stage.history']._repair_stage_entries()
    env['crm.stage.history']._repair_companies()
    env['crm.stage.history']._repair_won_amounts()
    env['crm.communication']._repair_contacts()
    env['ir.filters']._repair_periods()
    env['crm.handover']._repair_rules_of_cancelled_drafts()
    env['crm.handover.line']._repair_names_of_outgoing_salespeople()
    env['crm.lead']._repair_quota_amounts()
    env['crm.territory.plan']._repair_won_totals()
    env['crm.handover.line']._repair_customers()
    # After the line above: the customers of the handovers are those of the lines.
    env['crm.handover.line']._repair_handover_customers()
