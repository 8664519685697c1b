"""Implement the built-in audit checks, each with one SQL query."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ....base.tools import is_open_opportunity


class CrmPipelineCheck(models.Model):
    _inherit = 'crm.pipeline.check'

    code = fields.Selection(
        selection_add=[
            ('revenue_outlier', "Expected revenue far above the team's (factor)"),
            ('revenue_cut', "Expected revenue cut by half or more lately (days)"),
            ('stalled', "In its stage for longer than the stage allows"),
            (
                'silent',
                "No contact with the customer lately (days; 0: as long as the stage allows)",
            ),
            ('duplicate', "Another open opportunity of the same customer, with someone else"),
            ('other_salesperson', "Salesperson of the customer is someone else"),
            ('meetings', "Future meetings of the salesperson"),
            ('key_account', "Key account with a single contact (percent)"),
            ('no_opportunity', "Customer without an open opportunity"),
            ('unreachable', "Customer without phone and email at any of its contacts"),
            ('other_company', "Customer that another company sells to as well"),
        ],
        ondelete=dict.fromkeys(
            (
                'revenue_outlier',
                'revenue_cut',
                'stalled',
                'silent',
                'duplicate',
                'other_salesperson',
                'meetings',
                'key_account',
                'no_opportunity',
                'unreachable',
                'other_company',
            ),
            'cascade',
        ),
    )

    def _select_ids(self, query):
        """Flush pending changes and return the IDs that a query finds."""
        self.env.flush_all()
        return [id_ for (id_,) in self.env.execute_query(query)]

    def _get_past(self):
        """Return the moment that is as many days ago as the threshold says."""
        return fields.Datetime.now() - timedelta(days=self.parameter)

    def _find_revenue_outlier(self, leads):
        """Find revenues above a multiple of the 95th percentile of the team's open opportunities."""
        return self._select_ids(
            SQL(
                """
                SELECT lead.id
                  FROM crm_lead lead
                  JOIN (
                SELECT team_id,
                       percentile_cont(0.95) WITHIN GROUP (ORDER BY expected_revenue) AS percentile
                  FROM crm_lead
                 WHERE active AND type = 'opportunity' AND expected_revenue > 0
                   AND team_id IN (SELECT team_id FROM crm_lead WHERE id = ANY(%(ids)s))
              GROUP BY team_id
                       ) AS team ON team.team_id = lead.team_id
                 WHERE lead.id = ANY(%(ids)s)
                   AND lead.expected_revenue > %(factor)s * team.percentile
                """,
                ids=leads.ids,
                factor=self.parameter or 5,
            )
        )

    def _find_revenue_cut(self, leads):
        """Find opportunities whose expected revenue was halved, or cut by more, in the last days."""
        return self._select_ids(
            SQL(
                """
                SELECT DISTINCT lead.id
                  FROM crm_lead lead
                  JOIN mail_message message
                    ON message.model = 'crm.lead' AND message.res_id = lead.id
                  JOIN mail_tracking_value change ON change.mail_message_id = message.id
                 WHERE lead.id = ANY(%(ids)s)
                   AND change.field_id = %(field_id)s
                   AND change.create_date >= %(past)s
                   AND change.new_value_float <= change.old_value_float / 2
                   AND change.old_value_float > 0
                """,
                ids=leads.ids,
                field_id=self.env['ir.model.fields']._get('crm.lead', 'expected_revenue').id,
                past=self._get_past(),
            )
        )

    def _find_stalled(self, leads):
        """Find opportunities that are in their stage for longer than it allows."""
        return self._find_clock(leads, 'age')

    def _find_silent(self, leads):
        """Find opportunities without a contact with the customer, by the threshold or the stage."""
        if not self.parameter:
            return self._find_clock(leads, 'silence')
        return self._select_ids(
            SQL(
                """
                SELECT stay.lead_id
                  FROM crm_stage_history stay
                 WHERE stay.lead_id = ANY(%(ids)s)
                   AND stay.left_at IS NULL
                   AND NOT stay.is_won
                   AND %(is_silent)s
                """,
                ids=leads.ids,
                is_silent=self.env['crm.lead']._get_silence_condition(
                    SQL("%s::timestamp", self._get_past())
                ),
            )
        )

    def _find_clock(self, leads, clock):
        """Find opportunities for which a clock of the stall alerts has run out.

        :param str clock: 'age' or 'silence'.
        """
        return self._select_ids(
            SQL(
                "SELECT lead_id FROM (%s) AS stall WHERE clock = %s",
                self.env['crm.lead']._get_stall_query(SQL("stay.lead_id = ANY(%s)", leads.ids)),
                clock,
            )
        )

    def _find_duplicate(self, leads):
        """Find opportunities whose customer has another open one with another salesperson."""
        return self._select_ids(
            SQL(
                """
                SELECT DISTINCT lead.id
                  FROM crm_lead lead
                  JOIN crm_lead other
                    ON other.customer_id = lead.customer_id AND other.id <> lead.id
                 WHERE lead.id = ANY(%(ids)s)
                   AND other.active AND other.type = 'opportunity'
                   AND other.won_status = 'pending'
                   AND other.user_id <> lead.user_id
                   AND COALESCE(other.company_id, 0) IN (COALESCE(lead.company_id, 0), 0)
                """,
                ids=leads.ids,
            )
        )

    def _find_other_salesperson(self, leads):
        """Find opportunities whose customer has another salesperson on its contact form."""
        return self._select_ids(
            SQL(
                """
                SELECT lead.id
                  FROM crm_lead lead
                  JOIN res_partner customer ON customer.id = lead.customer_id
                 WHERE lead.id = ANY(%(ids)s)
                   AND customer.user_id IS NOT NULL
                   AND customer.user_id <> lead.user_id
                """,
                ids=leads.ids,
            )
        )

    def _find_meetings(self, leads):
        """Find opportunities with a future meeting of their salesperson."""
        return self._select_ids(
            SQL(
                """
                SELECT DISTINCT lead.id
                  FROM crm_lead lead
                  JOIN calendar_event meeting
                    ON meeting.opportunity_id = lead.id AND meeting.user_id = lead.user_id
                 WHERE lead.id = ANY(%(ids)s)
                   AND meeting.active
                   AND meeting.start > %(now)s
                """,
                ids=leads.ids,
                now=fields.Datetime.now(),
            )
        )

    def _find_key_account(self, leads):
        """Find the salesperson's large customers with at most one contact person.

        A customer is large if it has at least the given share, in percent, of the expected revenue of
        all the salesperson's opportunities.
        """
        return self._select_ids(
            SQL(
                """
                WITH lead AS MATERIALIZED (
                    SELECT lead.id, lead.user_id, lead.customer_id,
                           SUM(lead.expected_revenue) OVER (
                               PARTITION BY lead.user_id, lead.customer_id) AS revenue
                      FROM crm_lead lead
                     WHERE lead.id = ANY(%(ids)s)
                       AND lead.customer_id IS NOT NULL
                ),
                salesperson AS MATERIALIZED (
                    SELECT user_id, SUM(expected_revenue) AS revenue
                      FROM crm_lead
                     WHERE user_id IN (SELECT user_id FROM lead)
                       AND active AND type = 'opportunity'
                  GROUP BY user_id
                ),
                person AS MATERIALIZED (
                    SELECT commercial_partner_id AS customer_id, COUNT(*) AS number
                      FROM res_partner
                     WHERE commercial_partner_id IN (SELECT customer_id FROM lead)
                       AND active AND NOT is_company
                  GROUP BY commercial_partner_id
                )
                SELECT lead.id
                  FROM lead
                  JOIN salesperson ON salesperson.user_id = lead.user_id
             LEFT JOIN person ON person.customer_id = lead.customer_id
                 WHERE lead.revenue > 0
                   AND lead.revenue >= salesperson.revenue * %(share)s / 100
                   AND COALESCE(person.number, 0) <= 1
                """,
                ids=leads.ids,
                share=self.parameter or 20,
            )
        )

    def _find_no_opportunity(self, customers):
        """Find customers without an open opportunity."""
        return self._select_ids(
            SQL(
                """
                SELECT customer.id
                  FROM res_partner customer
                 WHERE customer.id = ANY(%s)
                   AND NOT EXISTS (
                    SELECT FROM crm_lead lead WHERE lead.customer_id = customer.id AND %s)
                """,
                customers.ids,
                is_open_opportunity('lead'),
            )
        )

    def _find_unreachable(self, customers):
        """Find customers of which no contact has a phone number or an email address."""
        return self._select_ids(
            SQL(
                """
                SELECT customer.id
                  FROM res_partner customer
                 WHERE customer.id = ANY(%s)
                   AND NOT EXISTS (
                    SELECT
                      FROM res_partner contact
                     WHERE contact.commercial_partner_id = customer.id
                       AND contact.active
                       AND COALESCE(NULLIF(contact.email, ''), NULLIF(contact.phone, '')) IS NOT NULL)
                """,
                customers.ids,
            )
        )

    def _find_other_company(self, customers):
        """Find customers at which several companies have open opportunities.

        A contact has one salesperson for all companies.
        """
        return self._select_ids(
            SQL(
                """
                SELECT lead.customer_id
                  FROM crm_lead lead
                 WHERE lead.customer_id = ANY(%s) AND %s
              GROUP BY lead.customer_id
                HAVING COUNT(DISTINCT lead.company_id) > 1
                """,
                customers.ids,
                is_open_opportunity('lead'),
            )
        )
