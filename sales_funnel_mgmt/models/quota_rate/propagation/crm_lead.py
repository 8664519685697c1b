"""Apply a changed quota rate of a stage, customer or team to its opportunities, in SQL.

A rate can apply to a million opportunities, which must not be loaded. `crm.quota.rate._find_by_lead`
finds the same rates record by record.
"""

import logging
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, float_repr

from ...base.conflicts import retry_on_conflict
from ...base.exclusive_job import exclusive_job
from ..amount import get_quota_amount_sql

_logger = logging.getLogger(__name__)

# Largest number of opportunities that are updated in the transaction that changes a rate. The scheduled
# action updates more of them in batches of this size: a long transaction fails when a user saves one.
BATCH_SIZE = 10_000


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    # === BUSINESS METHODS === #

    @api.model
    def _propagate_quota_rates(self, domain):
        """Apply changed rates to the open opportunities of a domain.

        Few opportunities are updated at once, many by the scheduled action. A concurrent transaction
        that writes an opportunity has read the former rate and is invisible to this one. The
        scheduled action therefore checks again after both.
        """
        domain = Domain(domain) & Domain('active', '=', True)
        now = self.env.cr.now()
        moments = [now + timedelta(minutes=5)]
        # In sudo mode: a rate applies to all its opportunities, also those hidden from the user.
        if self.sudo().search_count(domain, limit=BATCH_SIZE + 1) <= BATCH_SIZE:
            self._refresh_quota_rates(domain)
        else:
            moments.append(now)
        cron = self.env.ref(
            'sales_funnel_mgmt.ir_cron_refresh_quota_rates', raise_if_not_found=False
        )
        if cron:
            cron._trigger(moments)

    @api.model
    @exclusive_job
    def _cron_refresh_quota_rates(self):
        """Apply large changes of rates, and correct opportunities that the ORM has not updated.

        The latter result from concurrent transactions and cascades in the database. The action can
        be interrupted at any time: the next run continues with the opportunities that still differ.
        """

        def refresh():
            return self._refresh_quota_rates(Domain('active', '=', True), limit=BATCH_SIZE)

        progress = self.env['ir.cron']._commit_progress
        # A user may have just saved one of them.
        while (count := retry_on_conflict(self.env, refresh)) is not None:
            remaining = count if count == BATCH_SIZE else 0
            if not progress(count, remaining=remaining) or not remaining:
                return
        # Still in conflict: leave the rest to a later run.
        progress(remaining=1)

    @api.model
    def _refresh_quota_rates(self, domain, limit=None):
        """Update rate, origin and amount of many opportunities in one SQL statement.

        Only rows that differ are written, and no record is loaded.

        :param domain: Domain on crm.lead; archived ones are included unless it says otherwise.
        :param int limit: Number of rows to write at most.
        :return: Number of rows written.
        :rtype: int
        """
        # In sudo mode: a rate applies to all its opportunities, not only to those that the
        # administrator who changes it may read.
        leads_sudo = self.sudo().with_context(active_test=False)
        query = leads_sudo._search(domain, bypass_access=True)
        self.env.flush_all()
        [(count,)] = self.env.execute_query(self._get_quota_rate_query(query.subselect(), limit))
        leads_sudo.invalidate_model([
            'quota_rate',
            'quota_rate_origin',
            'quota_rate_explanation',
            'quota_amount',
        ])
        leads_sudo._invalidate_stage_history()
        return count

    @api.model
    def _repair_quota_amounts(self):
        """Round the amounts that have kept the decimals of a former currency of their company."""
        count = self._refresh_quota_rates(Domain('active', '=', True))
        _logger.info("Opportunities: %s quota amounts were computed again", count)

    @api.model
    def _fill_quota_rates(self):
        """Fill the columns of all opportunities, open and closed alike, at installation.

        PostgreSQL rewrites the table at once. An UPDATE of every row would take several times as
        long, since it updates the indexes row by row, and would double the size of the table.
        """
        self.env.flush_all()
        currency = self.env.company.currency_id
        stages = self.env['crm.stage'].search(Domain.TRUE)
        rates = {stage.id: stage.quota_rate for stage in stages}
        companies = (
            self.env['res.company'].sudo().with_context(active_test=False).search(Domain.TRUE)
        )
        rounding = self._get_case(
            'company_id',
            {company.id: company.currency_id.rounding for company in companies},
            currency.rounding,
        )
        rate = self._get_case('stage_id', rates, 0)
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE crm_lead
                ALTER COLUMN quota_rate TYPE numeric USING %(rate)s,
                ALTER COLUMN quota_rate_origin TYPE varchar USING 'stage',
                ALTER COLUMN quota_amount TYPE numeric USING %(amount)s,
                %(customer)s
                """,
                rate=rate,
                amount=get_quota_amount_sql(SQL("expected_revenue"), rate, rounding),
                customer=self._get_customer_filling(),
            )
        )
        self.invalidate_model(flush=False)
        # Only demo data can contain rates of teams, customers and opportunities at this point.
        exceptions = self.env['crm.quota.rate'].sudo().search(Domain.TRUE).stage_id
        self._refresh_quota_rates(
            Domain('has_own_quota_rate', '=', True) | Domain('stage_id', 'in', exceptions.ids)
        )

    @api.model
    def _get_case(self, column, value_by_id, default):
        """Return an SQL expression that maps the id in a column to its value, else to a default."""
        cases = [
            SQL("WHEN %s THEN %s::numeric", id_, float_repr(value, 6))
            for id_, value in value_by_id.items()
        ]
        if not cases:
            return SQL("%s::numeric", default)
        return SQL(
            "CASE %s %s ELSE %s::numeric END",
            SQL.identifier(column),
            SQL(" ").join(cases),
            float_repr(default, 6),
        )

    @api.model
    def _get_quota_rate_query(self, lead_ids, limit=None):
        """Return the statement of `_refresh_quota_rates`, with the rules of `_compute_quota_rate`.

        :param SQL lead_ids: Subselect of the ids of the leads to look at.
        :param int limit: Number of rows to write at most.
        :rtype: SQL
        """
        return SQL(
            """
            WITH lead AS MATERIALIZED (
                -- Use the contact's current customer, not customer_id: this also corrects the rows that
                -- concurrent transactions, which do not see each other, have left outdated.
                SELECT l.id, l.stage_id, l.team_id, l.company_id, p.commercial_partner_id,
                       l.has_own_quota_rate, l.own_quota_rate, l.expected_revenue,
                       l.quota_rate, l.quota_rate_origin, l.quota_amount
                  FROM crm_lead l
             LEFT JOIN res_partner p ON p.id = l.partner_id
                 WHERE l.id IN %(lead_ids)s
            ),
            candidate AS (
                SELECT lead.id AS lead_id, 'customer' AS origin, rate.rate, rate.company_id
                  FROM crm_quota_rate rate
                  JOIN lead ON lead.stage_id = rate.stage_id
                           AND lead.commercial_partner_id = rate.partner_id
                 WHERE rate.company_id IS NULL OR rate.company_id = lead.company_id
             UNION ALL
                SELECT lead.id, 'team', rate.rate, NULL
                  FROM crm_quota_rate rate
                  JOIN lead ON lead.stage_id = rate.stage_id AND lead.team_id = rate.team_id
            ),
            best AS (
                SELECT DISTINCT ON (lead_id) lead_id, origin, rate
                  FROM candidate
              ORDER BY lead_id, origin, company_id NULLS LAST
            ),
            applied AS (
                SELECT lead.*,
                       COALESCE(company.currency_id, %(currency_id)s) AS currency_id,
                       CASE WHEN stage.is_won THEN 'stage'
                            WHEN lead.has_own_quota_rate THEN 'opportunity'
                            ELSE COALESCE(best.origin, 'stage')
                       END AS new_origin,
                       CASE WHEN stage.is_won THEN stage.quota_rate
                            WHEN lead.has_own_quota_rate THEN COALESCE(lead.own_quota_rate, 0)
                            WHEN best.lead_id IS NOT NULL THEN COALESCE(best.rate, 0)
                            ELSE COALESCE(stage.quota_rate, 0)
                       END AS new_rate
                  FROM lead
             LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
             LEFT JOIN res_company company ON company.id = lead.company_id
             LEFT JOIN best ON best.lead_id = lead.id
            ),
            target AS (
                SELECT applied.*, %(amount)s AS new_amount
                  FROM applied
                  JOIN res_currency currency ON currency.id = applied.currency_id
            ),
            changed AS (
                SELECT id, new_rate, new_origin, new_amount
                  FROM target
                 WHERE (quota_rate, quota_rate_origin, quota_amount)
                       IS DISTINCT FROM (new_rate, new_origin, new_amount)
                 LIMIT %(limit)s
            ),
            written AS (
                UPDATE crm_lead
                   SET quota_rate = changed.new_rate,
                       quota_rate_origin = changed.new_origin,
                       quota_amount = changed.new_amount
                  FROM changed
                 WHERE crm_lead.id = changed.id
             RETURNING crm_lead.id AS lead_id, crm_lead.quota_rate, crm_lead.quota_amount
            ),
            stay AS (%(stays)s)
            SELECT count(*) FROM written
            """,
            lead_ids=lead_ids,
            amount=get_quota_amount_sql(
                SQL("expected_revenue"), SQL("new_rate"), SQL("currency.rounding")
            ),
            stays=self.env['crm.stage.history']._get_rate_update(SQL("written")),
            currency_id=self.env.company.currency_id.id,
            limit=limit,
        )
