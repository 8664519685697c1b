"""Define the holding capacity of team members."""

from odoo import api, fields, models
from odoo.tools import SQL


class CrmTeamMember(models.Model):
    _inherit = 'crm.team.member'

    holding_capacity = fields.Integer(
        tracking=True,
        help="How many customers this salesperson can look after in this team, open and won ones. "
        "0: no limit. How many new leads they get is another matter: that is the lead assignment's "
        "capacity.",
    )
    held_customer_count = fields.Integer(
        string="Customers Held",
        compute='_compute_held_customer_count',
        help="Different customers of the salesperson's opportunities, open and won ones, in all their "
        "teams.",
    )

    _holding_capacity_positive = models.Constraint(
        'CHECK (holding_capacity >= 0)',
        "The holding capacity cannot be negative: 0 is no limit.",
    )

    # === COMPUTE METHODS === #

    @api.depends('user_id')
    def _compute_held_customer_count(self):
        count_by_user = dict(
            self.env['crm.workload.report']._read_group(
                [('user_id', 'in', self.user_id.ids)],
                ['user_id'],
                ['customer_count:count_distinct'],
            )
        )
        for member in self:
            member.held_customer_count = count_by_user.get(member.user_id, 0)

    # === BUSINESS METHODS === #

    @api.model
    def _query_capacity(self):
        """Return a query of the holding capacity over all teams of a salesperson: user_id, capacity.

        Salespeople without a limit in one of their teams are left out.
        """
        return SQL(
            """
            SELECT user_id, SUM(holding_capacity) AS capacity
              FROM crm_team_member
             WHERE active
          GROUP BY user_id
            HAVING BOOL_AND(holding_capacity > 0)
            """,
            to_flush=self._fields['holding_capacity'],
        )

    @api.model
    def _get_capacity_sentence(self, user_name, count, capacity):
        """Return the warning about a salesperson who would hold more customers than they can."""
        return self.env._(
            "%(user)s would hold %(count)s customers and can look after %(capacity)s.",
            user=user_name,
            count=count,
            capacity=int(capacity),
        )
