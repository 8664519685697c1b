"""Create draft handovers from the moves of a territory plan."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...base.arguments import check_one
from ...base.naming import list_some
from ...customer.key import get_customer_key


class CrmTerritoryPlan(models.Model):
    _inherit = 'crm.territory.plan'

    # === ACTION METHODS === #

    def action_apply(self):
        """Create a draft handover of the moves of each outgoing salesperson.

        :return: Action that opens the handovers.
        :raise UserError: If nothing moves, a salesperson has left, or the pipeline has changed since
            the proposal.
        """
        check_one(self)
        self.check_access('write')
        self._check_may_apply()
        leads_by_line = self._get_moving_leads()
        self._check_pipeline_unchanged(leads_by_line)
        handovers = self.env['crm.handover']
        moved = self.env['crm.territory.plan.line'].browse(leads_by_line)
        for user, lines in moved.grouped('from_user_id').items():
            made = handovers._create_from_leads(
                self.env['crm.lead'].browse([
                    id_ for line in lines for id_ in leads_by_line[line.id]
                ]),
                from_user_id=user.id,
                reason='rebalancing',
                allocation_method='manual',
                note=self.env._("Territory plan: %(plan)s", plan=self.name),
            )
            self._set_receivers(made, lines, leads_by_line)
            handovers += made
        # In sudo mode: only the system writes these fields.
        self.sudo().write({'state': 'applied', 'handover_ids': handovers.ids})
        return self.action_view_handovers()

    def action_view_handovers(self):
        """Open the handovers of this plan."""
        check_one(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id(
                'sales_funnel_mgmt.crm_handover_action'
            ),
            'domain': [('id', 'in', self.handover_ids.ids)],
            'context': {},
        }

    # === BUSINESS METHODS === #

    def _check_may_apply(self):
        """Check that the plan is a proposal with moves, and that its salespeople are available.

        :raise UserError: If it cannot be applied.
        """
        if self.state != 'proposed':
            raise UserError(
                self.env._(
                    "Only a proposal can be applied: propose moves for %(plan)s first.",
                    plan=self.name,
                )
            )
        if not self.move_count:
            raise UserError(
                self.env._("Nothing moves in %(plan)s: there is nothing to apply.", plan=self.name)
            )
        departures = self._get_absence_problems()
        if departures:
            raise UserError("\n".join([self.name, *departures]))

    def _get_moving_leads(self):
        """Return the IDs of the opportunities to move, by ID of the line.

        The query has a UNION instead of a join: without statistics about the new lines, PostgreSQL
        would scan all lines for each opportunity.

        :rtype: dict[int, list[int]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT MAX(line_id) AS line_id,
                       COALESCE(ARRAY_AGG(lead_id ORDER BY lead_id)
                                FILTER (WHERE lead_id IS NOT NULL), '{}')
                  FROM (
                    SELECT line.id AS line_id, NULL AS lead_id, line.from_user_id AS user_id,
                           COALESCE(%(line_key)s, -10000000000 - line.id) AS customer_key
                      FROM crm_territory_plan_line line
                     WHERE line.plan_id = %(plan_id)s AND line.is_moved
                 UNION ALL
                    SELECT NULL, lead.id, lead.user_id, %(lead_key)s
                      FROM crm_lead lead
                     WHERE %(is_of_plan)s
                       ) AS part
              GROUP BY user_id, customer_key
                HAVING MAX(line_id) IS NOT NULL
              ORDER BY line_id
                """,
                # a line whose opportunity has been deleted stays by itself
                line_key=get_customer_key('line', own_id='lead_id'),
                lead_key=get_customer_key('lead'),
                plan_id=self.id,
                is_of_plan=self._get_lead_condition(),
                to_flush=self.env['crm.lead']._fields['user_id'],
            )
        )
        return dict(rows)

    def _check_pipeline_unchanged(self, leads_by_line):
        """Check that the opportunities of the moves have not changed since the proposal.

        :param dict leads_by_line: IDs of the opportunities to move, by ID of the line.
        :raise UserError: If opportunities were added, closed, reassigned or locked, or are in another
            handover.
        """
        Lead = self.env['crm.lead']
        lead_ids = [id_ for ids in leads_by_line.values() for id_ in ids]
        # In sudo mode: the check includes opportunities that the user may not see.
        locked_ids = set(
            Lead.sudo().search([('id', 'in', lead_ids), ('is_salesperson_locked', '=', True)]).ids
        )
        pending_ids = set(
            self
            .env['crm.handover.line']
            .sudo()
            .search([
                ('lead_id', 'in', lead_ids),
                ('handover_id.state', 'in', ('draft', 'in_progress')),
                ('transferred_at', '=', False),
            ])
            .lead_id.ids
        )
        changed = self.env['crm.territory.plan.line'].browse([
            line_id
            for line_id, ids in leads_by_line.items()
            if not ids or locked_ids.intersection(ids) or pending_ids.intersection(ids)
        ])
        lines = self.env['crm.territory.plan.line'].browse(leads_by_line)
        changed |= lines.filtered(
            lambda line: line.opportunity_count != len(leads_by_line[line.id])
        )
        if changed:
            raise UserError(
                self.env._(
                    "The pipeline has changed since %(plan)s was made: these customers were given away, "
                    "won, lost or locked, are in another handover, or have new opportunities.\n\n"
                    "%(customers)s\n\nPlease click “Propose Again”.",
                    plan=self.name,
                    customers=list_some(self.env, changed),
                )
            )

    def _set_receivers(self, handovers, lines, leads_by_line):
        """Set the planned receivers on draft handovers and their lines.

        :param crm.handover handovers: Draft handovers.
        :param crm.territory.plan.line lines: Moves of the plan.
        :param dict leads_by_line: IDs of the opportunities to move, by ID of the line.
        """
        user_by_lead = {id_: line.to_user_id for line in lines for id_ in leads_by_line[line.id]}
        given_by_user = handovers.line_ids.grouped(lambda line: user_by_lead[line.lead_id.id])
        for user, given in given_by_user.items():
            given.handover_id.receiver_ids = [Command.create({'user_id': user.id})]
            # In sudo mode: as in the allocation of the handover. Constraints apply.
            given.sudo().to_user_id = user
