"""List the steps of the setup that a company has not completed."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..base.months import first_of_month
from ..base.naming import name_some

# number of missing records that are named
SHOWN = 3


class CrmSalesSetup(models.AbstractModel):
    """The steps of the setup of a company, with the missing records of each.

    No step is required: the addon works with its defaults.
    """

    _name = 'crm.sales.setup'
    _description = "Sales Funnel Setup"

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_steps(self):
        """Return the steps of the setup in the current company.

        The list is empty once the steps are hidden, and for users other than sales administrators.

        :return: A list of `key`, `title`, `missing` (text; False if the step is complete), and
            `action`, the external ID of the action that completes it.
        :rtype: list[dict]
        """
        is_manager = self.env.user.has_group('sales_team.group_sale_manager')
        if not is_manager or not self.env.company.show_sales_funnel_setup:
            return []
        stages = self.env['crm.stage'].search(Domain.TRUE)
        return [
            {
                'key': 'rates',
                'title': self.env._("Quota rates of the stages"),
                'missing': self._get_missing_rates(stages),
                'action': 'sales_funnel_mgmt.crm_stage_action',
            },
            {
                'key': 'thresholds',
                'title': self.env._("Days until an opportunity is stalled"),
                'missing': self._get_missing_thresholds(stages),
                'action': 'sales_funnel_mgmt.crm_stage_action',
            },
            {
                'key': 'leaders',
                'title': self.env._("Managers who are told of stalled opportunities"),
                'missing': self._get_missing_leaders(),
                'action': 'sales_team.crm_team_action_config',
            },
            {
                'key': 'locks',
                'title': self.env._("Stages that keep their salesperson"),
                'missing': not any(stages.mapped('lock_salesperson'))
                and self.env._("No stage has the salesperson lock."),
                'action': 'sales_funnel_mgmt.crm_stage_action',
            },
            {
                'key': 'plans',
                'title': self.env._("Tasks of a handover by stage"),
                'missing': self._get_missing_plans(stages),
                'action': 'sales_funnel_mgmt.crm_stage_action',
            },
            {
                'key': 'quotas',
                'title': self.env._("Sales quotas of this month"),
                'missing': self._get_missing_quotas(),
                'action': 'sales_funnel_mgmt.crm_sales_quota_grid_action',
            },
        ]

    @api.model
    def hide(self):
        """Hide the steps in the current company, for all its sales administrators.

        :raise AccessError: If the user is not a sales administrator.
        """
        if not self.env.user.has_group('sales_team.group_sale_manager'):
            raise AccessError(self.env._("Only sales administrators can hide the setup."))
        # In sudo mode: sales administrators may not write on companies. This writes one flag only.
        self.env.company.sudo().show_sales_funnel_setup = False
        return True

    @api.model
    def _get_missing_rates(self, stages):
        open_stages = stages.filtered(lambda stage: not stage.is_won)
        if open_stages.mapped('quota_rate') == open_stages._get_even_quota_rates():
            return self.env._("They are those of the installation, which rise evenly.")
        names = self._name_some(open_stages.filtered(lambda stage: not stage.quota_rate))
        return names and self.env._("Nothing counts in %(stages)s.", stages=names)

    @api.model
    def _get_missing_thresholds(self, stages):
        company = self.env.company
        defaults = company.default_get(['stall_age_days', 'stall_silence_days'])
        if any(company[name] != value for name, value in defaults.items()):
            return False
        own = stages.filtered(
            lambda stage: stage.rotting_threshold_days or stage.silence_threshold_days
        )
        return not own and self.env._(
            "%(age)s days in a stage and %(silence)s days of silence, for all stages.",
            age=company.stall_age_days,
            silence=company.stall_silence_days,
        )

    @api.model
    def _get_missing_leaders(self):
        if self.env.company.stall_fallback_user_id:
            return False
        teams = self.env['crm.team'].search([
            ('use_opportunities', '=', True),
            ('user_id', '=', False),
            ('company_id', 'in', (False, self.env.company.id)),
        ])
        names = self._name_some(teams)
        return names and self.env._("Teams without a leader: %(teams)s", teams=names)

    @api.model
    def _get_missing_plans(self, stages):
        names = self._name_some(stages.filtered(lambda stage: not stage.handover_plan_id))
        return names and self.env._("Stages without tasks: %(stages)s", stages=names)

    @api.model
    def _get_missing_quotas(self):
        month = first_of_month(self.env.company._get_sales_today())
        members = self.env['crm.team.member'].search(
            Domain('crm_team_id.use_opportunities', '=', True)
            & Domain('crm_team_id.company_id', 'in', (False, self.env.company.id))
            & Domain('user_id.active', '=', True)
        )
        quotas = self.env['crm.sales.quota'].search([
            ('month', '=', month),
            ('company_id', '=', self.env.company.id),
            ('user_id', 'in', members.user_id.ids),
        ])
        names = self._name_some(members.user_id - quotas.user_id)
        return names and self.env._("Salespeople without a quota: %(names)s", names=names)

    @api.model
    def _name_some(self, records):
        """Return the names of the first records and the number of others; False without records."""
        return name_some(self.env, records, SHOWN) if records else False
