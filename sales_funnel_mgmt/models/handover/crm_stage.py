"""Define the handover policy of a stage: the plan of its tasks, and their wave."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Example plan and handover wave for the stages of Odoo's default funnel
EXAMPLES = {
    'crm.stage_lead1': ('sales_funnel_mgmt.mail_activity_plan_prospect', 3),
    'crm.stage_lead2': ('sales_funnel_mgmt.mail_activity_plan_negotiation', 2),
    'crm.stage_lead3': ('sales_funnel_mgmt.mail_activity_plan_quotation', 1),
    'crm.stage_lead4': ('sales_funnel_mgmt.mail_activity_plan_won', 1),
}


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    handover_plan_id = fields.Many2one(
        comodel_name='mail.activity.plan',
        domain="[('res_model', '=', 'crm.lead')]",
        ondelete='set null',
        index='btree_not_null',
        help="Tasks for each opportunity in this stage that is handed over. Empty: it is transferred "
        "without any.",
    )
    handover_wave = fields.Integer(
        default=1,
        required=True,
        help="In a handover, the tasks of the opportunities in this stage begin when those of the wave "
        "before it are done: 1 for the customers to see first.",
    )

    _handover_wave_positive = models.Constraint(
        'CHECK(handover_wave BETWEEN 1 AND 9)',
        "The wave of a stage is a number from 1 to 9.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('handover_plan_id')
    def _check_handover_plan(self):
        for stage in self:
            if stage.handover_plan_id and stage.handover_plan_id.res_model != 'crm.lead':
                raise ValidationError(
                    self.env._(
                        "The plan %(plan)s is not one for opportunities. Please choose another one "
                        "for the stage %(stage)s.",
                        plan=stage.handover_plan_id.name,
                        stage=stage.name,
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _set_example_handover_plans(self):
        """Set the example plans on the stages of Odoo's default funnel.

        Stages that were deleted, that have a plan, or whose meaning (won or not) was changed are left
        alone.
        """
        for stage_xmlid, (plan_xmlid, wave) in EXAMPLES.items():
            stage = self.env.ref(stage_xmlid, raise_if_not_found=False)
            plan = self.env.ref(plan_xmlid, raise_if_not_found=False)
            is_won = stage_xmlid == 'crm.stage_lead4'
            if stage and plan and not stage.handover_plan_id and stage.is_won == is_won:
                stage.write({'handover_plan_id': plan.id, 'handover_wave': wave})
