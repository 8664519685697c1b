"""Propose moves for a territory plan.

The customers of the salespeople are copied from the pipeline into lines. The solver computes moves in
plain Python, and the figures before and after are stored in the members.
"""

import logging
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...base.arguments import check_one
from ...base.exclusive_job import exclusive_job
from ...base.group_measures import get_distinct_count
from ...base.tools import is_in_won_stage
from ...customer.key import get_customer_key
from ...workload.concentration import Share
from ..solver import Customer, Salesperson, propose, won_limit

_logger = logging.getLogger(__name__)

# The scheduled action computes plans with more customers
LARGE = 1000


class CrmTerritoryPlan(models.Model):
    _inherit = 'crm.territory.plan'

    # === ACTION METHODS === #

    def action_propose(self):
        """Copy the pipeline into the plan and propose moves. Moves by hand are discarded.

        The scheduled action computes the proposal of a plan with many customers.
        """
        check_one(self)
        self._check_may_propose()
        # In sudo mode: only the system writes lines and figures.
        plan_sudo = self.sudo()
        plan_sudo._take_from_pipeline()
        if plan_sudo._is_large():
            plan_sudo.write({'state': 'computing', 'progress': 10})
            self.env.ref('sales_funnel_mgmt.ir_cron_territory_plans')._trigger()
        else:
            plan_sudo._compute_proposal()
        return True

    def action_take_back(self):
        """Set the plans back to draft, and delete their proposals."""
        self.check_access('write')
        # In sudo mode: only the system writes lines and states.
        plans_sudo = self.sudo().filtered(lambda plan: plan.state in ('computing', 'proposed'))
        plans_sudo.line_ids.unlink()
        plans_sudo.member_ids.unlink()
        plans_sudo.write({'state': 'draft', 'progress': 0, 'taken_at': False})
        return True

    def _check_may_propose(self):
        """Check that a proposal can be computed for the plan.

        :raise UserError: If the plan is computed or applied, lacks salespeople, or is of a company
            that is not selected.
        """
        self.check_access('write')
        if self.state in ('computing', 'applied'):
            raise UserError(
                self.env._(
                    "%(plan)s is being computed, or was applied. Copy it to try something else.",
                    plan=self.name,
                )
            )
        if len(self.user_ids) < 2:
            raise UserError(
                self.env._("Please choose at least two salespeople for %(plan)s.", plan=self.name)
            )
        if self.company_id not in self.env.companies:
            raise UserError(
                self.env._(
                    "Please switch to the company %(company)s first.", company=self.company_id.name
                )
            )

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_compute_proposals(self):
        """Compute the large plans, and commit after each.

        An interrupted plan is computed again by the next run.
        """
        plans = self.search([('state', '=', 'computing')], order='id')
        progress = self.env['ir.cron']._commit_progress
        progress(remaining=len(plans))
        for plan in plans:
            plan.progress = 20
            progress()
            plan._compute_proposal()
            if not progress(1):
                return

    # === BUSINESS METHODS === #

    def _is_large(self):
        """Return whether the scheduled action computes the proposal."""
        return len(self.line_ids) > LARGE

    def _take_from_pipeline(self):
        """Create a line for each customer and salesperson from the pipeline, with one statement."""
        self.ensure_one()
        self.line_ids.unlink()
        self.member_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(self._get_line_insert_query())
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_territory_plan_line line
                   SET is_shared = TRUE
                  FROM (
                    SELECT customer_id
                      FROM crm_territory_plan_line
                     WHERE plan_id = %(plan_id)s AND customer_id IS NOT NULL
                  GROUP BY customer_id
                    HAVING COUNT(*) > 1
                       ) AS shared
                 WHERE line.plan_id = %(plan_id)s AND line.customer_id = shared.customer_id
                """,
                plan_id=self.id,
            )
        )
        key_ids = [
            id_
            for (id_,) in self.env.execute_query(
                self.env['res.partner']._query_key_accounts(self._get_customer_ids())
            )
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE crm_territory_plan_line SET is_key_account = TRUE"
                " WHERE plan_id = %s AND customer_id = ANY(%s)",
                self.id,
                key_ids,
            )
        )
        self._create_members()
        self.taken_at = self.env.cr.now()
        self.env.invalidate_all()
        self._refresh_figures()

    def _get_customer_ids(self):
        """Return the IDs of the customers of the lines."""
        return [
            id_
            for (id_,) in self.env.execute_query(
                SQL(
                    "SELECT DISTINCT customer_id FROM crm_territory_plan_line"
                    " WHERE plan_id = %s AND customer_id IS NOT NULL",
                    self.id,
                )
            )
        ]

    def _get_holding_query(self):
        """Return a query of the customers of the salespeople, with figures of their opportunities.

        An opportunity without a contact is a customer of its own: its `customer_key` is the negative
        ID of the opportunity.

        :rtype: SQL
        """
        conditions = [
            SQL("%s = ANY(%s)", SQL.identifier('lead', name), records.ids)
            for name, records in (('stage_id', self.stage_ids), ('team_id', self.team_ids))
            if records
        ]
        return SQL(
            """
            SELECT lead.user_id, %(customer_key)s AS customer_key,
                   lead.customer_id,
                   CASE WHEN lead.customer_id IS NULL THEN MIN(lead.id) END AS lead_id,
                   COUNT(*) AS opportunity_count,
                   COALESCE(SUM(lead.expected_revenue), 0) AS expected_revenue,
                   COALESCE(SUM(lead.quota_amount), 0) AS quota_amount,
                   BOOL_OR(stage.is_won) AS is_won,
                   BOOL_OR(COALESCE(stage.lock_salesperson, FALSE)) AS is_locked
              FROM crm_lead lead
         LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
             WHERE %(is_of_plan)s
          GROUP BY lead.user_id, %(customer_key)s, lead.customer_id
            HAVING %(condition)s
            """,
            customer_key=get_customer_key('lead'),
            is_of_plan=self._get_lead_condition(),
            condition=(
                SQL("BOOL_OR(%s)", SQL(" AND ").join(conditions)) if conditions else SQL("TRUE")
            ),
        )

    def _get_line_insert_query(self):
        """Return the statement that inserts the lines.

        The load of a line is its weighted share of customers, revenue and quota amount, in percent.

        :rtype: SQL
        """
        total_weight = self.weight_customers + self.weight_revenue + self.weight_quota
        return SQL(
            """
            INSERT INTO crm_territory_plan_line (
                   plan_id, company_currency, customer_id, lead_id, from_user_id, to_user_id,
                   is_moved, opportunity_count, expected_revenue, quota_amount, is_won, is_locked,
                   is_key_account, is_shared, load)
            SELECT %(plan_id)s, %(currency_id)s, customer_id, lead_id, user_id, user_id,
                   FALSE, opportunity_count, expected_revenue, quota_amount, is_won, is_locked,
                   FALSE, FALSE,
                   100.0 * (
                       %(customers)s / COUNT(*) OVER ()
                       + COALESCE(
                           %(revenue)s * GREATEST(expected_revenue, 0)
                           / NULLIF(SUM(GREATEST(expected_revenue, 0)) OVER (), 0), 0)
                       + COALESCE(
                           %(quota)s * GREATEST(quota_amount, 0)
                           / NULLIF(SUM(GREATEST(quota_amount, 0)) OVER (), 0), 0)
                   ) / %(total_weight)s
              FROM (%(holding)s) AS held
          ORDER BY customer_key, user_id
            """,
            plan_id=self.id,
            currency_id=self.company_currency.id,
            customers=self.weight_customers,
            revenue=self.weight_revenue,
            quota=self.weight_quota,
            total_weight=total_weight,
            holding=self._get_holding_query(),
        )

    def _create_members(self):
        """Create the members, with their capacity and the customers they hold outside the plan."""
        users = self.user_ids
        capacity_by_user = dict(
            self.env.execute_query(self.env['crm.team.member']._query_capacity())
        )
        novices = self.env['crm.team.member']._get_novices(users)
        others = self._get_other_customers()
        self.won_total = self._count_won_customers()
        self.env['crm.territory.plan.member'].create([
            {
                'plan_id': self.id,
                'user_id': user.id,
                'company_currency': self.company_currency.id,
                'is_novice': user in novices,
                'capacity': capacity_by_user.get(user.id, 0),
                'other_customers': others.get(user.id, (0, 0))[0],
                'other_won': others.get(user.id, (0, 0))[1],
            }
            for user in users
        ])

    def _get_other_customers(self):
        """Return the numbers of customers and won customers outside the plan, by ID of the salesperson.

        The query has a UNION instead of a join: without statistics about the new lines, PostgreSQL
        would scan all lines for each customer.

        :rtype: dict[int, tuple[int, int]]
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT user_id, COUNT(*), COUNT(*) FILTER (WHERE is_won)
                  FROM (
                    SELECT user_id, BOOL_OR(is_won) AS is_won
                      FROM (
                        SELECT lead.user_id, %(lead_key)s AS customer_key,
                               stage.is_won, FALSE AS is_planned
                          FROM crm_lead lead
                     LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                         WHERE lead.active AND lead.type = 'opportunity'
                           AND lead.user_id = ANY(%(user_ids)s)
                     UNION ALL
                        SELECT line.from_user_id, %(line_key)s, FALSE, TRUE
                          FROM crm_territory_plan_line line
                         WHERE line.plan_id = %(plan_id)s
                           ) AS part
                  GROUP BY user_id, customer_key
                    HAVING NOT BOOL_OR(is_planned)
                       ) AS held
              GROUP BY user_id
                """,
                lead_key=get_customer_key('lead'),
                line_key=get_customer_key('line', own_id='lead_id'),
                user_ids=self.user_ids.ids,
                plan_id=self.id,
            )
        )
        return {user_id: (count, won) for user_id, count, won in rows}

    def _count_won_customers(self):
        """Return the number of different won customers of the salespeople."""
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT %(count)s
                  FROM crm_lead lead
                 WHERE lead.active AND lead.type = 'opportunity'
                   AND lead.user_id = ANY(%(user_ids)s)
                   AND %(is_won)s
                """,
                count=get_distinct_count(get_customer_key('lead')),
                is_won=is_in_won_stage('lead'),
                user_ids=self.user_ids.ids,
            )
        )
        return count

    def _compute_proposal(self):
        """Compute the moves with the solver, and write them to the lines."""
        self.ensure_one()
        lines = self.line_ids.sorted('id')
        members = self.member_ids.sorted('id')
        experienced = frozenset(members.filtered(lambda m: not m.is_novice).user_id.ids)
        # Archived salespeople give customers and get none.
        present = frozenset(self.with_context(active_test=False).user_ids.filtered('active').ids)
        lines.fetch(['from_user_id', 'load', 'is_won', 'is_locked', 'is_key_account'])
        customers = [
            Customer(
                line.id,
                line.from_user_id.id,
                line.load / 100,
                line.is_won,
                frozenset([line.from_user_id.id])
                if line.is_locked
                else (present & experienced if line.is_key_account else present),
            )
            for line in lines
        ]
        salespeople = [
            Salesperson(
                member.user_id.id,
                # Archived salespeople have no capacity.
                (member.capacity or None) if member.user_id.id in present else 0,
                member.other_customers,
                member.other_won,
            )
            for member in members
        ]
        limit = self._get_concentration_limit()
        moves = propose(customers, salespeople, limit, self.won_total)
        ids_by_change = defaultdict(list)
        for move in moves:
            ids_by_change[move.to_key, move.reason].append(move.key)
        lines.filtered('is_moved').write({'reason': False})
        for (user_id, reason), ids in ids_by_change.items():
            lines.browse(ids).write({'to_user_id': user_id, 'reason': reason})
        self._refresh_figures()
        self.write({
            'state': 'proposed',
            'progress': 100,
            'concentration_excess': sum(
                max(0, member.won_after - won_limit(self.won_total, limit)) for member in members
            ),
            'capacity_excess': sum(
                max(0, member.held_after - member.capacity) for member in members if member.capacity
            ),
        })

    def _get_concentration_limit(self):
        """Return the concentration limit in percent. None if the plan has too few won customers for it.

        :rtype: float | None
        """
        self.ensure_one()
        company = self.company_id
        if self.won_total < company.concentration_min_customers or len(self.member_ids) < 2:
            return None
        return company.concentration_limit

    @api.model
    def _repair_won_totals(self):
        """Fill the numbers of won customers of plans that earlier versions have made.

        Their lines tell which customers are shared; of the customers outside the plan, only the numbers
        are known.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_territory_plan plan
                   SET won_total = figure.count
                  FROM (
                    SELECT plan_id, SUM(count) AS count
                      FROM (
                        SELECT plan_id, %(count)s AS count
                          FROM crm_territory_plan_line line
                         WHERE is_won
                      GROUP BY plan_id
                     UNION ALL
                        SELECT plan_id, SUM(other_won)
                          FROM crm_territory_plan_member
                      GROUP BY plan_id
                           ) AS part
                  GROUP BY plan_id
                       ) AS figure
                 WHERE plan.id = figure.plan_id
                """,
                count=get_distinct_count(get_customer_key('line')),
            )
        )
        _logger.info(
            "Territory plans: won customers of %s plans were counted", self.env.cr.rowcount
        )
        self.invalidate_model(['won_total'])
        self.search([('state', 'in', ('computing', 'proposed'))])._refresh_figures()

    def _get_member_by_user(self):
        """Return the members by the IDs of plan and salesperson."""
        # In sudo mode: explanations are the same for every reader.
        return {(member.plan_id.id, member.user_id.id): member for member in self.sudo().member_ids}

    def _refresh_figures(self):
        """Update the figures of the members from the lines: one statement each for before and after."""
        self.env.flush_all()
        # A shared customer counts once for the salesperson who receives all of it. A line without a
        # customer is a customer of its own, also when its opportunity has been deleted.
        customer_key = get_customer_key('line')
        figures = (
            ('customers', SQL("COUNT(DISTINCT %s)", customer_key)),
            ('opportunities', SQL("SUM(line.opportunity_count)")),
            ('revenue', SQL("SUM(line.expected_revenue)")),
            ('quota', SQL("SUM(line.quota_amount)")),
            ('load', SQL("SUM(line.load)")),
            ('won', SQL("COUNT(DISTINCT %s) FILTER (WHERE line.is_won)", customer_key)),
        )
        for moment, column in (('before', 'from_user_id'), ('after', 'to_user_id')):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_territory_plan_member member
                       SET %(assignments)s
                      FROM (
                        SELECT other.id, other.other_won, sums.*, plan.won_total
                          FROM crm_territory_plan_member other
                          JOIN crm_territory_plan plan ON plan.id = other.plan_id
                     LEFT JOIN (
                            SELECT line.plan_id, %(column)s AS user_id, %(aggregates)s
                              FROM crm_territory_plan_line line
                             WHERE line.plan_id = ANY(%(plan_ids)s)
                          GROUP BY line.plan_id, %(column)s
                               ) AS sums
                            ON sums.plan_id = other.plan_id AND sums.user_id = other.user_id
                         WHERE other.plan_id = ANY(%(plan_ids)s)
                           ) AS figure
                     WHERE member.id = figure.id
                    """,
                    assignments=SQL(", ").join([
                        *(
                            SQL(
                                "%s = COALESCE(figure.%s, 0)",
                                SQL.identifier(f'{name}_{moment}'),
                                SQL.identifier(name),
                            )
                            for name, _aggregate in figures[:-1]
                        ),
                        SQL(
                            "%s = figure.other_won + COALESCE(figure.won, 0)",
                            SQL.identifier(f'won_{moment}'),
                        ),
                        SQL(
                            "%s = COALESCE(%s, 0)",
                            SQL.identifier(f'won_share_{moment}'),
                            Share.sql(
                                SQL("(figure.other_won + COALESCE(figure.won, 0))"),
                                SQL("figure.won_total"),
                            ),
                        ),
                    ]),
                    column=SQL.identifier('line', column),
                    aggregates=SQL(", ").join(
                        SQL("%s AS %s", aggregate, SQL.identifier(name))
                        for name, aggregate in figures
                    ),
                    plan_ids=self.ids,
                )
            )
        self.member_ids.invalidate_recordset(flush=False)
        for plan in self:
            plan.largest_before = max(plan.member_ids.mapped('load_before'), default=0)
            plan.largest_after = max(plan.member_ids.mapped('load_after'), default=0)
