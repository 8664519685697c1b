"""Check that the past of the demo data counts towards quota."""

demo = env['ir.model.data'].search([
    ('module', '=', 'sales_funnel_mgmt'),
    ('model', '=', 'crm.lead'),
])
stays = env['crm.stage.history'].search([
    ('lead_id', 'in', demo.mapped('res_id')),
    ('expected_revenue', '>', 0),
    ('stage_id', '!=', False),
])
without = stays.filtered(lambda stay: not stay.quota_amount)
found = [(stay.stage_id.name, stay.entry_kind, stay.quota_rate) for stay in without]
assert stays and not without, f"{len(without)} of {len(stays)} stays have no quota amount: {found}"
