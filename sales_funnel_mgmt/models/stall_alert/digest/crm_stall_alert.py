"""Send each manager one digest of new alerts in a run, instead of a message about each."""

from odoo import api, fields, models
from odoo.tools import SQL

# Largest number of opportunities that a digest lists for each salesperson
NAMED_OPPORTUNITIES = 3


class CrmStallAlert(models.Model):
    _inherit = 'crm.stall.alert'

    # === BUSINESS METHODS === #

    @api.model
    def _send_next_digest(self):
        """Send the next digest, and mark its alerts as sent in the same transaction.

        A digest is thus sent once, even if the run is interrupted. The mail queue delivers it.

        :return: 1, or 0 if there is no digest to send.
        :rtype: int
        """
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                WITH news AS (
                    SELECT id, manager_id,
                           escalated_at IS NOT NULL
                           AND (digested_at IS NULL OR escalated_at > digested_at) AS is_escalation
                      FROM crm_stall_alert
                     WHERE state IN ('open', 'acknowledged')
                       AND manager_id = ANY(%(manager_ids)s)
                       AND user_id IS DISTINCT FROM manager_id
                       AND (digested_at IS NULL OR escalated_at > digested_at)
                ),
                digested AS (
                    UPDATE crm_stall_alert alert
                       SET digested_at = %(now)s
                      FROM news
                     WHERE news.id = alert.id
                       AND news.manager_id = (SELECT min(manager_id) FROM news)
                 RETURNING alert.id, alert.manager_id, news.is_escalation
                )
                SELECT manager_id, array_agg(id), array_agg(id) FILTER (WHERE is_escalation)
                  FROM digested
              GROUP BY manager_id
                """,
                manager_ids=self._get_user_ids('sales_team.group_sale_salesman_all_leads'),
                now=now,
            )
        )
        for manager_id, new_ids, escalated_ids in rows:
            manager = self.env['res.users'].browse(manager_id)
            self._send_digest(manager, new_ids, escalated_ids or [])
        return len(rows)

    @api.model
    def _send_digest(self, manager, new_ids, escalated_ids):
        """Send a digest by email, and to the inbox of managers who use it.

        :param res.users manager: Manager who gets the digest.
        :param list[int] new_ids: Alerts that have not been in a digest.
        :param list[int] escalated_ids: Those of them that have been escalated.
        """
        localized = self.with_context(lang=manager.lang)
        groups = localized._get_digest_groups(manager, new_ids, escalated_ids)
        values = {
            'manager': manager,
            'groups': groups,
            'waiting': sum(group['waiting'] for group in groups),
            'total': sum(group['new'] for group in groups),
            'base_url': self.env['ir.config_parameter'].sudo().get_param('web.base.url'),
        }
        body = localized.env['ir.qweb']._render(
            'sales_funnel_mgmt.stall_digest', values, minimal_qcontext=True
        )
        subject = localized.env._(
            "Stalled opportunities: %(count)s need attention", count=values['total']
        )
        partner = manager.partner_id
        self.env['mail.thread'].with_context(lang=manager.lang).message_notify(
            partner_ids=partner.ids,
            subject=subject,
            body=body,
            email_layout_xmlid='mail.mail_notification_light',
            model_description=localized.env._("stalled opportunities"),
            # The mail queue sends it: an interrupted run has sent nothing, and sends nothing twice.
            force_send=False,
        )
        if manager.notification_type == 'inbox' and partner.email:
            self.env['mail.mail'].create({
                'subject': subject,
                'body_html': body,
                'recipient_ids': [(4, partner.id)],
                'auto_delete': True,
            })

    @api.model
    def _get_digest_groups(self, manager, new_ids, escalated_ids):
        """Return the figures and opportunities of each salesperson with new alerts.

        The figures count opportunities: one with two alerts counts once.

        :rtype: list[dict]
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT user_id,
                       count(DISTINCT lead_id) FILTER (WHERE id = ANY(%(new_ids)s)) AS new,
                       count(DISTINCT lead_id) FILTER (WHERE id = ANY(%(escalated_ids)s)) AS escalated,
                       count(DISTINCT lead_id) FILTER (WHERE state IN ('open', 'acknowledged')) AS open,
                       count(DISTINCT lead_id) FILTER (WHERE state = 'waiting') AS waiting,
                       count(DISTINCT lead_id) FILTER (WHERE state = 'snoozed') AS snoozed,
                       (array_agg(lead_id ORDER BY since, id)
                        FILTER (WHERE id = ANY(%(new_ids)s)))[:%(named)s] AS lead_ids
                  FROM crm_stall_alert
                 WHERE manager_id = %(manager_id)s
                   AND state <> 'closed'
                   AND user_id IS DISTINCT FROM manager_id
              GROUP BY user_id
                HAVING bool_or(id = ANY(%(new_ids)s))
              ORDER BY new DESC, user_id
                """,
                new_ids=new_ids,
                escalated_ids=escalated_ids,
                manager_id=manager.id,
                named=NAMED_OPPORTUNITIES,
            )
        )
        users = self.env['res.users'].browse([row['user_id'] for row in rows if row['user_id']])
        leads = self.env['crm.lead'].browse({id_ for row in rows for id_ in row['lead_ids']})
        names = {user.id: user.name for user in users}
        leads_by_id = {lead.id: lead for lead in leads}
        return [
            {
                **row,
                'name': names.get(row['user_id']),
                # List an opportunity once, even if both its clocks have run out.
                'leads': [leads_by_id[id_] for id_ in dict.fromkeys(row['lead_ids'])],
            }
            for row in rows
        ]
