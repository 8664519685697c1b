"""Keep the activities and the pipeline of a user who is archived.

Odoo deletes the open activities of archived users. Activities on opportunities and their customers are
reassigned to the team leader instead, and a draft handover is created for the open pipeline.
`action_archive` deletes the activities before it writes, and `write` can archive as well: both reassign
the activities first, and `write` creates the handovers.
"""

from odoo import models
from odoo.fields import Domain

from ..crm_handover_line import ONGOING_STATES


class ResUsers(models.Model):
    _inherit = 'res.users'

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to reassign the activities of archived users, and to draft their handovers."""
        leaving = self.browse()
        if 'active' in vals and not vals['active']:
            leaving = self.filtered('active')
            leaving._reassign_crm_activities()
        result = super().write(vals)
        leaving._draft_handovers()
        return result

    # === ACTION METHODS === #

    def action_archive(self):
        """Override to reassign the activities before Odoo deletes them."""
        self._reassign_crm_activities()
        return super().action_archive()

    # === BUSINESS METHODS === #

    def _reassign_crm_activities(self):
        """Reassign the open activities on leads, opportunities and customers to the team leaders.

        Each new user gets one message for each archived user.
        """
        if not self:
            return
        self.check_access('write')
        # In sudo mode: a user who archives others may have no access to their activities.
        users_sudo = self.sudo()
        activities_sudo = users_sudo.env['mail.activity'].search([
            ('user_id', 'in', self.ids),
            ('res_model', 'in', ('crm.lead', 'res.partner')),
        ])
        if not activities_sudo:
            return
        lead_by_activity = users_sudo._find_leads(activities_sudo)
        successors = users_sudo._find_successors(lead_by_activity.values())
        by_users = activities_sudo.filtered(lead_by_activity.get).grouped(
            lambda activity: (
                activity.user_id,
                successors[lead_by_activity[activity], activity.user_id],
            )
        )
        for (user, successor), records in by_users.items():
            # The context keeps Odoo from sending a message for each activity.
            records.with_context(mail_activity_quick_update=True).write({
                'user_id': successor.id,
                'former_user_id': user.id,
            })
            in_lang = user.with_context(lang=successor.lang or self.env.lang)
            user.partner_id.message_notify(
                partner_ids=successor.partner_id.ids,
                subject=in_lang.env._("%(user)s was archived", user=user.name),
                body=in_lang.env._(
                    "You have got %(count)s open activities of %(user)s, who was archived. They will go "
                    "to the new salespeople when the opportunities are handed over.",
                    count=len(records),
                    user=user.name,
                ),
            )

    def _find_leads(self, activities):
        """Return the opportunity or lead that each activity is about. In sudo mode.

        An activity on a customer is about the latest opportunity of the customer with the same user
        as salesperson. Activities on other contacts are left out.

        :rtype: dict[mail.activity, crm.lead]
        """
        Lead = self.env['crm.lead'].with_context(active_test=False)
        on_leads = activities.filtered(lambda activity: activity.res_model == 'crm.lead')
        lead_by_id = {
            lead.id: lead for lead in Lead.browse(set(on_leads.mapped('res_id'))).exists()
        }
        result = {activity: lead_by_id.get(activity.res_id) for activity in on_leads}
        on_partners = activities - on_leads
        partners = self.env['res.partner'].browse(set(on_partners.mapped('res_id')))
        customer_by_id = {partner.id: partner.commercial_partner_id for partner in partners}
        leads = Lead.search(
            Domain('user_id', 'in', self.ids)
            & Domain('customer_id', 'in', partners.commercial_partner_id.ids),
            order='id',
        )
        latest = {(lead.user_id, lead.customer_id): lead for lead in leads}
        for activity in on_partners:
            result[activity] = latest.get((activity.user_id, customer_by_id[activity.res_id]))
        return {activity: lead for activity, lead in result.items() if lead}

    def _find_successors(self, leads):
        """Return the users who take over the activities of the archived users. In sudo mode.

        This is the leader of the opportunity's team, or else of the user's main team, if they can see
        the opportunity. Otherwise it is a sales administrator of the company.

        :param leads: Opportunities or leads.
        :rtype: dict[tuple[crm.lead, res.users], res.users]
        """
        seeing = self.env.ref('sales_team.group_sale_salesman_all_leads').all_user_ids
        result, found = {}, {}
        for lead in leads:
            for user in self:
                key = (lead.team_id, lead.company_id, user)
                if key not in found:
                    leaders = lead.team_id.user_id + user.sale_team_id.user_id
                    found[key] = next(
                        (
                            leader
                            for leader in leaders
                            if leader.active
                            and leader in seeing - self
                            and lead.company_id <= leader.company_ids
                        ),
                        None,
                    ) or self._find_sales_administrator(lead.company_id, leaders)
                result[lead, user] = found[key]
        return result

    def _find_sales_administrator(self, company, leaders):
        """Return the sales administrator who takes over from the archived users. In sudo mode.

        Team leaders come first, then the current user, then the sales administrator with the lowest
        ID. If the company has no sales administrator, the current user takes over.

        :param res.company company: Company of the opportunities, may be empty.
        :param res.users leaders: Leaders of the teams of the opportunities.
        """
        administrators = self.env.ref('sales_team.group_sale_manager').all_user_ids.filtered(
            lambda user: user.active and company <= user.company_ids
        )
        administrators -= self
        preferred = (*leaders, self.env.user)
        return (
            next((user for user in preferred if user in administrators), None)
            or administrators.sorted('id')[:1]
            or self.env.user
        )

    def _draft_handovers(self):
        """Create draft handovers for open opportunities that are not in a handover yet."""
        if not self:
            return
        # In sudo mode: a user who archives others may have no access to opportunities or handovers.
        users_sudo = self.sudo()
        leads_sudo = users_sudo.env['crm.lead'].search([
            ('user_id', 'in', self.ids),
            ('type', '=', 'opportunity'),
            ('won_status', '=', 'pending'),
        ])
        if not leads_sudo:
            return
        leads_sudo -= (
            users_sudo
            .env['crm.handover.line']
            .search([
                ('lead_id', 'in', leads_sudo.ids),
                ('state', 'in', ('draft', *ONGOING_STATES)),
            ])
            .lead_id
        )
        for user, user_leads in leads_sudo.grouped('user_id').items():
            # The activity below notifies the responsible user: no message about the assignment.
            Handover = users_sudo.env['crm.handover'].with_context(
                mail_auto_subscribe_no_notify=True
            )
            handovers = Handover._create_from_leads(
                user_leads,
                find_responsible=lambda company, leads, user=user: user._find_sales_administrator(
                    company, leads.team_id.user_id
                ),
                from_user_id=user.id,
                reason='departure',
            )
            for handover in handovers:
                in_lang = handover.with_context(lang=handover.user_id.lang or self.env.lang)
                in_lang.activity_schedule(
                    'mail.mail_activity_data_todo',
                    user_id=handover.user_id.id,
                    summary=in_lang.env._(
                        "%(user)s was archived: hand over the pipeline", user=user.name
                    ),
                )
