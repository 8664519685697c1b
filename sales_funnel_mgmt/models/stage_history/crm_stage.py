"""Compute the observed win rate of stages."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    observed_win_rate = fields.Float(
        string="Observed Win Rate (%)",
        digits=(5, 1),
        compute='_compute_observed_win_rate',
        compute_sudo=True,
        help="Of the opportunities that entered this stage and have since been won or lost, the "
        "share that was won, in percent (0 to 100): a measure for the quota rate. Of the selected "
        "companies.",
    )
    observed_case_count = fields.Integer(
        string="Cases",
        compute='_compute_observed_win_rate',
        compute_sudo=True,
        help="Number of opportunities that the observed win rate is computed from. The fewer, the "
        "less it says.",
    )

    # === COMPUTE METHODS === #

    @api.depends_context('allowed_company_ids')
    def _compute_observed_win_rate(self):
        # In sudo mode: a rate over all opportunities of the companies, of which it tells no detail.
        rows = self.env.execute_query(self._get_observed_win_rate_query()) if self.ids else []
        case_by_stage = {stage_id: (cases, won) for stage_id, cases, won in rows}
        for stage in self:
            cases, won = case_by_stage.get(stage._origin.id, (0, 0))
            stage.observed_case_count = cases
            stage.observed_win_rate = 100 * won / cases if cases else 0

    def _get_observed_win_rate_query(self):
        """Return a query of the closed opportunities that entered each stage, and of the won ones.

        Each opportunity counts once, even if it entered the stage several times.
        """
        self.env['crm.stage.history'].flush_model()
        return SQL(
            """
            SELECT stage_id, COUNT(*), COUNT(*) FILTER (WHERE is_won)
              FROM (
                SELECT entry.stage_id, BOOL_OR(closing.is_win) AS is_won
                  FROM crm_stage_history entry
                  JOIN crm_stage_history closing
                    ON closing.lead_ref = entry.lead_ref
                   AND (closing.is_win OR closing.is_loss)
                 WHERE entry.stage_id = ANY(%(stage_ids)s)
                   AND (entry.company_id IS NULL OR entry.company_id = ANY(%(company_ids)s))
              GROUP BY entry.stage_id, entry.lead_ref
                   ) AS entered
          GROUP BY stage_id
            """,
            stage_ids=self._origin.ids,
            company_ids=self.env.companies.ids,
        )

    # === ACTION METHODS === #

    def action_apply_observed_win_rate(self):
        """Make the observed win rate the quota rate, in the stages that have one.

        Open opportunities follow, see `crm.lead._propagate_quota_rates`.

        :return: Notification of what was changed.
        :raise AccessError: If the user may not change stages.
        :raise UserError: If no opportunity was won or lost from any of these stages yet.
        """
        self.check_access('write')
        calibrated = self.filtered(lambda stage: stage.observed_case_count and not stage.is_won)
        if not calibrated:
            raise UserError(
                self.env._(
                    "No opportunity that entered these stages has been won or lost yet, so there "
                    "is nothing to apply. Please set the quota rate by hand: %(stages)s",
                    stages=", ".join(self.mapped('display_name')),
                )
            )
        for stage in calibrated:
            stage.quota_rate = stage.observed_win_rate
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._(
                    "Quota rates now as observed: %(stages)s",
                    stages=", ".join(
                        f"{stage.display_name} ({stage.quota_rate:.2f}%)" for stage in calibrated
                    ),
                ),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }
