"""Define the funnel as a type of view."""

from odoo import fields, models

FUNNEL_ATTRIBUTES = {'__validate__', 'string', 'mode', 'period', 'split'}


class IrUiView(models.Model):
    _inherit = 'ir.ui.view'

    type = fields.Selection(selection_add=[('funnel', "Funnel")])

    def _get_view_info(self):
        """Return the icon of the funnel for the view switcher."""
        return {'funnel': {'icon': 'fa fa-filter'}} | super()._get_view_info()

    def _validate_tag_funnel(self, node, name_manager, node_info):
        if not node_info['validate']:
            return
        if name_manager.model._name != 'crm.lead':
            self._raise_view_error(
                self.env._("A funnel is a view of opportunities (crm.lead) only."), node
            )
        unknown = set(node.attrib) - FUNNEL_ATTRIBUTES
        if unknown or len(node):
            self._raise_view_error(
                self.env._(
                    "A funnel view has no content, and no attributes but “mode”, “period”, “split” "
                    "and “string”."
                ),
                node,
            )
