"""Set quotas to the quota amounts of the salespeople's open opportunities, in SQL.

Hundreds of thousands of opportunities can be open, which must not be loaded. Both statements see the
same opportunities, since a transaction of Odoo works on one snapshot.
"""

from odoo import api, models
from odoo.tools import SQL

from ...base.months import spread
from ...base.tools import get_company_of, is_open_opportunity, join_owner

LEAD_FIELDS = (
    'name',
    'active',
    'type',
    'stage_id',
    'user_id',
    'team_id',
    'company_id',
    'date_deadline',
    'expected_revenue',
    'quota_rate',
    'quota_rate_origin',
    'quota_amount',
)


class CrmSalesQuota(models.Model):
    _inherit = 'crm.sales.quota'

    # === BUSINESS METHODS === #

    @api.model
    def _take_from_funnel(
        self, users, company, months, how, closing_in_period=False, replace_drafts=False
    ):
        """Give each salesperson the sum of the quota amounts of their open opportunities now.

        The opportunities are stored as lines. In the order of their expected closing they fill one
        month after the other, so that the lines of each quota add up to its amount. An opportunity
        that fills the rest of a month and a part of the next has a line in each.

        :param users: `res.users` records. Users without open opportunities get no quota.
        :param company: `res.company` record.
        :param list[date] months: First days of the months of the period.
        :param str how: How the sum is spread, see `_enter`. By expected closing, overdue
            opportunities count in the first month, later or undated ones in the last month.
        :param bool closing_in_period: Leave out opportunities that close later or have no date.
        :param bool replace_drafts: Delete the drafts of the same months.
        :return: The new quotas.
        """
        self._remove_drafts(users, company, months, replace_drafts)
        found = self._get_open_amounts(users, company, months, closing_in_period)
        weights = self._get_weights(users, company, months, how)
        rounding = company.currency_id.rounding
        vals_list = []
        for user in users:
            amounts = [found.get((user.id, month), 0) for month in months]
            if not any(amounts):
                continue
            if how != 'closing':
                amounts = spread(sum(amounts), weights[user.id], rounding)
            vals_list += [
                {
                    'user_id': user.id,
                    'company_id': company.id,
                    'month': month,
                    'amount': amount,
                }
                for month, amount in zip(months, amounts, strict=True)
            ]
        quotas = self.create(vals_list)
        # In sudo mode: only the system writes the origin of an amount.
        quotas.sudo().origin = 'funnel'
        quotas._write_funnel_lines(company, months, closing_in_period)
        return quotas

    @api.model
    def _get_open_amounts(self, owners, company, months, closing_in_period=False):
        """Return the quota amounts of open opportunities by owner's id and month of closing."""
        rows = self.env.execute_query(
            SQL(
                "SELECT owner_id, month, SUM(quota_amount) FROM (%s) AS lead GROUP BY 1, 2",
                self._get_funnel_query(owners, company, months, closing_in_period),
            )
        )
        return {(owner_id, month): float(amount) for owner_id, month, amount in rows}

    @api.model
    def _get_funnel_query(self, owners, company, months, closing_in_period):
        """Return the query of the open opportunities and the month in which each counts."""
        self.env['crm.lead'].flush_model(LEAD_FIELDS)
        first, last = months[0], months[-1]
        owner = SQL.identifier('lead', self._get_owner_field(owners))
        end = SQL("%s + interval '1 month'", last)
        return SQL(
            """
            SELECT lead.*, %(owner)s AS owner_id,
                   date_trunc('month', GREATEST(%(first)s, LEAST(
                       COALESCE(lead.date_deadline, %(last)s), %(last)s)))::date AS month
              FROM crm_lead lead
                   %(join_owner)s
             WHERE %(is_open)s
               AND %(owner)s = ANY(%(owner_ids)s)
               AND %(company)s = %(company_id)s
               AND lead.quota_amount > 0
               AND %(closing)s
            """,
            owner=owner,
            owner_ids=owners.ids,
            first=first,
            last=last,
            is_open=is_open_opportunity('lead'),
            join_owner=join_owner('lead'),
            company=get_company_of('lead'),
            company_id=company.id,
            closing=SQL("lead.date_deadline < %s", end) if closing_in_period else SQL("TRUE"),
        )

    def _write_funnel_lines(self, company, months, closing_in_period):
        """Store the opportunities that these new quotas were taken from.

        The opportunities of a salesperson and their quotas are two series of intervals with the same
        total length. Each overlap of an opportunity and a quota is a line.
        """
        if not self:
            return
        self.flush_model(['user_id', 'month', 'amount'])
        self.env.cr.execute(
            SQL(
                """
                WITH quota AS MATERIALIZED (
                    SELECT id, user_id, currency_id, amount,
                           SUM(amount) OVER (PARTITION BY user_id ORDER BY month) AS upto
                      FROM crm_sales_quota
                     WHERE id = ANY(%(quota_ids)s)
                ),
                lead AS (
                    SELECT funnel.*,
                           SUM(quota_amount) OVER (
                               PARTITION BY user_id ORDER BY month, date_deadline, id
                               ROWS UNBOUNDED PRECEDING) AS upto
                      FROM (%(funnel)s) AS funnel
                )
                INSERT INTO crm_sales_quota_line (
                       quota_id, lead_id, lead_name, stage_id, date_deadline, currency_id,
                       expected_revenue, quota_rate, quota_rate_origin, quota_amount, amount)
                SELECT quota.id, lead.id, lead.name, lead.stage_id, lead.date_deadline,
                       quota.currency_id, lead.expected_revenue, lead.quota_rate,
                       lead.quota_rate_origin, lead.quota_amount,
                       LEAST(lead.upto, quota.upto)
                       - GREATEST(lead.upto - lead.quota_amount, quota.upto - quota.amount)
                  FROM lead
                  JOIN quota
                    ON quota.user_id = lead.user_id
                   AND quota.upto > lead.upto - lead.quota_amount
                   AND quota.upto - quota.amount < lead.upto
                   AND quota.amount > 0
              ORDER BY quota.id, lead.upto
                """,
                quota_ids=self.ids,
                funnel=self._get_funnel_query(self.user_id, company, months, closing_in_period),
            )
        )
        self.invalidate_recordset(['line_ids', 'line_amount', 'adjustment'], flush=False)
        self.env['crm.sales.quota.line'].invalidate_model(flush=False)
