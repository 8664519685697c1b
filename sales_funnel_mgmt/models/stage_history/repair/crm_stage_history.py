"""Repair what earlier versions recorded wrongly. A migration calls these methods once."""

import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class CrmStageHistory(models.Model):
    _inherit = 'crm.stage.history'

    @api.model
    def _repair_wins(self):
        """Take back wins that no longer stand.

        An opportunity has lost its win if it was moved while it was archived. If it has several wins, the
        last one stands.

        :return: Number of stays.
        :rtype: int
        """
        return self._repair(
            "wins that were taken back",
            SQL(
                """
                UPDATE crm_stage_history stay
                   SET is_win = FALSE
                 WHERE stay.is_win
                   AND (stay.is_loss
                        OR EXISTS (
                            SELECT FROM crm_stage_history later
                             WHERE later.lead_ref = stay.lead_ref
                               AND later.is_win
                               AND later.id > stay.id)
                        OR EXISTS (
                            SELECT FROM crm_lead lead
                         LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                             WHERE lead.id = stay.lead_id
                               AND (stage.is_won IS NOT TRUE
                                    OR lead.type <> 'opportunity'
                                    OR NOT lead.active AND lead.won_status = 'lost')))
                """
            ),
        )

    @api.model
    def _repair_stage_entries(self):
        """Restore the age in the stage of opportunities that were lost or archived and reopened.

        :return: Number of stays.
        :rtype: int
        """
        return self._repair(
            "dates since when opportunities are in their stage",
            SQL(
                """
                WITH step AS (
                    SELECT id, lead_ref, stage_entered_at,
                           COALESCE(LAG(exit_kind) OVER stays IN ('lost', 'archived', 'handed_over')
                                    AND stage_id = LAG(stage_id) OVER stays
                                    AND is_won = LAG(is_won) OVER stays, FALSE) AS is_same_visit
                      FROM crm_stage_history
                    WINDOW stays AS (PARTITION BY lead_ref ORDER BY id)
                ),
                visit AS (
                    SELECT *, COUNT(*) FILTER (WHERE NOT is_same_visit) OVER (
                               PARTITION BY lead_ref ORDER BY id) AS number
                      FROM step
                ),
                entry AS (
                    SELECT id, lead_ref,
                           FIRST_VALUE(stage_entered_at) OVER (
                               PARTITION BY lead_ref, number ORDER BY id) AS entered_at
                      FROM visit
                ),
                fact AS (
                    SELECT id, entered_at,
                           LAG(entered_at) OVER (PARTITION BY lead_ref ORDER BY id)
                           AS previous_entered_at
                      FROM entry
                )
                UPDATE crm_stage_history stay
                   SET stage_entered_at = fact.entered_at,
                       previous_stage_entered_at = CASE
                           WHEN stay.previous_stage_entered_at IS NOT NULL
                           THEN fact.previous_entered_at END
                  FROM fact
                 WHERE fact.id = stay.id
                   AND (stay.stage_entered_at <> fact.entered_at
                        OR stay.previous_stage_entered_at <> fact.previous_entered_at)
                """
            ),
        )

    @api.model
    def _repair_companies(self):
        """Give stays without a company, and their communications, the company of the opportunity.

        :return: Number of stays.
        :rtype: int
        """
        self._repair(
            "communications without company",
            self.env['crm.communication']._get_company_update(
                SQL(
                    "SELECT id AS lead_id, company_id, 'infinity'::timestamp AS until"
                    "  FROM crm_lead WHERE company_id IS NOT NULL AND type = 'opportunity'"
                )
            ),
        )
        return self._repair(
            "stays without company",
            SQL(
                """
                UPDATE crm_stage_history stay
                   SET company_id = lead.company_id
                  FROM crm_lead lead
                 WHERE lead.id = stay.lead_id
                   AND stay.company_id IS NULL
                   AND lead.company_id IS NOT NULL
                """
            ),
        )

    @api.model
    def _repair_won_amounts(self):
        """Fill the amounts of wins with those of their stays.

        :return: Number of stays.
        :rtype: int
        """
        return self._repair(
            "amounts of wins",
            SQL(
                "UPDATE crm_stage_history SET won_amount = expected_revenue"
                " WHERE is_win AND won_amount IS NULL"
            ),
        )

    @api.model
    def _repair(self, what, query):
        """Run a statement that repairs rows, and log how many it has repaired."""
        self.env.flush_all()
        self.env.cr.execute(query)
        count = self.env.cr.rowcount
        if count:
            _logger.info("Stage history: repaired %s: %s", what, count)
        self.env['crm.lead']._invalidate_stage_history()
        self.env['crm.communication'].invalidate_model(flush=False)
        return count
