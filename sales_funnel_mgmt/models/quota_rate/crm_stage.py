"""Define the quota rate of a stage."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.tools import check_percentage


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    quota_rate = fields.Float(
        string="Quota Rate (%)",
        digits=(5, 2),
        compute='_compute_quota_rate',
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
        help="Percentage (0 to 100) of the expected revenue that counts towards quota while an "
        "opportunity is in this stage. Won stages always count in full. Rates of a team, a "
        "customer or the opportunity itself go before this one.",
    )
    quota_rate_ids = fields.One2many(
        comodel_name='crm.quota.rate',
        inverse_name='stage_id',
        string="Customer and Team Rates",
        groups='sales_team.group_sale_salesman',
        help="Quota rates that replace the stage's rate for certain customers or teams.",
    )

    # === COMPUTE METHODS === #

    @api.depends('is_won')
    def _compute_quota_rate(self):
        # A new stage starts with the rate of the stage before it: a user who adds a column to the
        # pipeline is not asked for a rate.
        is_new = any(not stage.id for stage in self)
        open_stages = self.search([('is_won', '=', False)]) if is_new else self.browse()
        for stage in self:
            if stage.is_won:
                stage.quota_rate = 100
            elif not stage.id and not stage.quota_rate:
                stage.quota_rate = next(
                    (
                        other.quota_rate
                        for other in reversed(open_stages)
                        if other.sequence <= stage.sequence
                    ),
                    0,
                )
            else:
                # A stage that is no longer won keeps its rate until a user changes it.
                stage.quota_rate = stage.quota_rate

    # === CONSTRAINT METHODS === #

    @api.constrains('quota_rate', 'is_won')
    def _check_quota_rate(self):
        check_percentage(self, 'quota_rate')
        wrong = self.filtered(lambda stage: stage.is_won and stage.quota_rate != 100)
        if wrong:
            raise ValidationError(
                self.env._(
                    "What is won counts in full: the quota rate of a won stage is always 100%%. "
                    "Please correct: %(stages)s",
                    stages=", ".join(wrong.mapped('display_name')),
                )
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """Write the values, then update the open opportunities if the rate has changed."""
        previous_rates = {stage.id: (stage.quota_rate, stage.is_won) for stage in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda stage: previous_rates[stage.id] != (stage.quota_rate, stage.is_won)
        )
        if changed:
            self.env['crm.lead']._propagate_quota_rates([('stage_id', 'in', changed.ids)])
        if 'is_won' in vals:
            # Odoo itself only changes probabilities when a stage becomes won or stops being won.
            leads_sudo = self.env['crm.lead'].sudo().search([('stage_id', 'in', self.ids)])
            leads_sudo.flush_recordset(['won_status'])
            leads_sudo._record_stage_history(leads_sudo.ids)
        return result

    # === BUSINESS METHODS === #

    def _set_initial_quota_rates(self):
        """Spread the rates of the open stages evenly over the funnel, in steps of 5 points.

        The k-th of n open stages gets 100 * k / (n + 1), e.g. 25, 50, 75 for three of them. These are
        defaults, for administrators to replace by their own rates.
        """
        open_stages = self.filtered(lambda stage: not stage.is_won).sorted()
        for stage, rate in zip(open_stages, open_stages._get_even_quota_rates(), strict=True):
            stage.quota_rate = rate

    def _get_even_quota_rates(self):
        """Return the rates that `_set_initial_quota_rates` gives to these open stages."""
        count = len(self)
        return [5 * round(20 * position / (count + 1)) for position in range(1, count + 1)]
