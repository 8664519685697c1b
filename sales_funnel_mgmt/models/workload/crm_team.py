"""Warn of sales teams whose won customers are held by few salespeople."""

from odoo import api, fields, models


class CrmTeam(models.Model):
    _inherit = 'crm.team'

    concentration_warning = fields.Char(
        compute='_compute_concentration_warning',
        groups='sales_team.group_sale_salesman_all_leads',
        help="Who holds more of the team's won customers than the concentration limit of the settings "
        "allows. Empty if nobody does, in a team of one, and where there are few won customers.",
    )

    # === COMPUTE METHODS === #

    @api.depends_context('lang', 'allowed_company_ids', 'uid')
    def _compute_concentration_warning(self):
        warnings = self.env['crm.concentration.report']._get_warnings(self)
        for team in self:
            team.concentration_warning = warnings.get(team._origin, False)

    # === ACTION METHODS === #

    def action_open_concentration(self):
        """Open the concentration report of the teams."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_concentration_report_action'
            ),
            'domain': [('team_id', 'in', self.ids)],
            'context': {},
        }
