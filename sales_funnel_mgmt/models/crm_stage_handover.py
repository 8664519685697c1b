"""The handover policy of a stage: what has to be done for its opportunities, and when."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
