"""Check that the past of the demo data counts towards quota."""

# ruff: noqa: F821 - Odoo's shell defines env
stays = env['crm.stage.history'].search([('expected_revenue', '>', 0), ('stage_id', '!=', False)])
without = stays.filtered(lambda stay: not stay.quota_amount)
assert stays and not without, f"{len(without)} of {len(stays)} stays have no quota amount"
