"""Count the changes of salesperson of an opportunity."""

from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    salesperson_change_count = fields.Integer(
        string="Salesperson Changes",
        compute='_compute_salesperson_change_count',
        groups='sales_team.group_sale_salesman',
        help="How often the opportunity got another salesperson.",
    )

    # === COMPUTE METHODS === #

    @api.depends('user_id')
    def _compute_salesperson_change_count(self):
        counts = dict(
            self.env['crm.salesperson.change.report']._read_group(
                [('lead_id', 'in', self.ids)], ['lead_id'], ['__count']
            )
        )
        for lead in self:
            lead.salesperson_change_count = counts.get(lead._origin, 0)

    # === ACTION METHODS === #

    def action_view_salesperson_changes(self):
        """Open the changes of salesperson of these opportunities."""
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_salesperson_change_report_action'
        )
        return {
            **action,
            'domain': [('lead_id', 'in', self.ids)],
            'context': {},
            'views': [(False, 'list'), (False, 'pivot'), (False, 'graph')],
        }
