"""Uninstall the modules `addons` (set by the caller) as a user would."""

modules = env['ir.module.module'].search([('name', 'in', addons), ('state', '=', 'installed')])
assert len(modules) == len(addons), f"not installed: {addons} {modules.mapped('name')}"
modules.button_immediate_uninstall()
