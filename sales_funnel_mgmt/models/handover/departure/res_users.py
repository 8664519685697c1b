"""Keep the activities and the pipeline of a user who leaves.

A user leaves sales when they are archived or deleted, become a portal user, lose their sales groups, or
leave a company. The open activities on opportunities, customers and quotations, which Odoo deletes of
archived and deleted users, are reassigned to the team leader, and a draft handover is created for the
open pipeline.

`action_archive` and `unlink` delete the activities before they write, and `write` can archive as well:
each of them reassigns the activities first. `write` and `unlink` create the handovers. Sales rights are
lost by many routes: in the form of the user or of the group, by a group that implies less, or is deleted.
A stored field follows them all. When it falls, the departure is looked after at the end of the transaction.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from ...base.transaction_notes import get_notes_until_flush, take_notes

# Users who have lost their sales rights, until the transaction ends
LEAVERS = 'sales_funnel_mgmt.users_without_sales_rights'


class ResUsers(models.Model):
    _inherit = 'res.users'

    has_sales_rights = fields.Boolean(
        compute='_compute_has_sales_rights',
        store=True,
        readonly=True,
        system=True,
        help="The user belongs to a sales group. A user who loses this leaves sales: a draft handover is "
        "made for the open pipeline.",
    )

    # === COMPUTE METHODS === #

    @api.depends('all_group_ids')
    def _compute_has_sales_rights(self):
        salesman_group = self.env.ref('sales_team.group_sale_salesman', raise_if_not_found=False)
        for user in self:
            has_rights = salesman_group in user.all_group_ids if salesman_group else False
            # An update of modules can take groups apart, an uninstallation deletes them.
            if user.has_sales_rights and not has_rights and self.env.registry.ready:
                get_notes_until_flush(
                    self.env, LEAVERS, when_flushed=self.browse()._follow_lost_rights
                ).update(user._origin.ids)
            user.has_sales_rights = has_rights

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to look after the activities and the pipelines of users who leave."""
        archived = self.browse()
        if 'active' in vals and not vals['active']:
            archived = self.filtered('active')
            archived._reassign_crm_activities()
        watched = self - archived if 'company_ids' in vals else self.browse()
        companies_before = watched._get_sales_companies()
        result = super().write(vals)
        archived._draft_handovers()
        watched._handle_departures(companies_before)
        return result

    def unlink(self):
        """Override to look after the activities and the pipelines of deleted users."""
        # An uninstallation deletes the users of the demo data together with their records.
        if self.env.registry.ready:
            self.check_access('unlink')
            self._reassign_crm_activities()
            self._draft_handovers()
        return super().unlink()

    # === ACTION METHODS === #

    def action_archive(self):
        """Override to reassign the activities before Odoo deletes them."""
        self._reassign_crm_activities()
        return super().action_archive()

    # === BUSINESS METHODS === #

    def _get_sales_companies(self):
        """Return the companies in which the users work in sales.

        :return: Companies by user. Users who are archived or have no sales rights work in none.
        :rtype: dict[res.users, res.company]
        """
        # In sudo mode: a user who manages others may have no access to their companies.
        return {
            user: (
                user.company_ids
                if user.active and user.has_sales_rights
                else user.company_ids.browse()
            )
            for user in self.sudo()
        }

    def _handle_departures(self, companies_before):
        """Look after the activities and the pipelines of users who have left sales, or companies.

        :param dict companies_before: Companies in which the users worked in sales until now.
        """
        companies_now = self._get_sales_companies()
        for user, before in companies_before.items():
            lost = before - companies_now[user]
            if not lost:
                continue
            leaver = self.browse(user.id)
            # Records without a company count as left if the user has left all companies.
            companies = None if not companies_now[user] else lost
            leaver._reassign_crm_activities(companies, salespeople=leaver)
            leaver._draft_handovers(companies)

    @api.model
    def _follow_lost_rights(self):
        """Look after the activities and the pipelines of users who have lost their sales rights.

        Users who are archived or deleted by now were looked after when that happened.
        """
        users = self.browse(take_notes(self.env, LEAVERS)).exists()
        # In sudo mode: the user who changes a group may have no right to change users.
        leavers_sudo = users.sudo().filtered(lambda user: user.active and not user.has_sales_rights)
        leavers_sudo._reassign_crm_activities(salespeople=leavers_sudo)
        leavers_sudo._draft_handovers()

    @api.model
    def _get_sales_activity_models(self):
        """Return the names of the models on which the activities of a leaver are kept."""
        return ['crm.lead', 'res.partner']

    def _reassign_crm_activities(self, companies=None, salespeople=None):
        """Reassign the open activities of sales to the team leaders.

        Each new user gets one message for each user who leaves.

        :param res.company companies: Only activities on records of these companies. By default all.
        :param res.users salespeople: Those of the users who sell. By default those with sales rights.
        """
        if not self:
            return
        self.check_access('write')
        # In sudo mode: a user who archives others may have no access to their activities.
        users_sudo = self.sudo()
        activities_sudo = users_sudo.env['mail.activity'].search([
            ('user_id', 'in', self.ids),
            ('res_model', 'in', self._get_sales_activity_models()),
        ])
        if not activities_sudo:
            return
        if salespeople is None:
            salespeople = users_sudo.filtered('has_sales_rights')
        owner_by_activity = {
            activity: owner
            for activity, owner in users_sudo._find_owners(activities_sudo, salespeople).items()
            if companies is None or owner[1] & companies.sudo()
        }
        successors = users_sudo._find_successors(owner_by_activity.values())
        by_users = activities_sudo.filtered(lambda one: one in owner_by_activity).grouped(
            lambda activity: (
                activity.user_id,
                successors[(*owner_by_activity[activity], activity.user_id)],
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
                subject=in_lang.env._("%(user)s has left", user=user.name),
                body=in_lang.env._(
                    "You have got %(count)s open activities of %(user)s, who has left. Those on "
                    "opportunities go to the new salespeople when the opportunities are handed over.",
                    count=len(records),
                    user=user.name,
                ),
            )

    def _find_owners(self, activities, salespeople):
        """Return the sales team and the company that each activity belongs to. In sudo mode.

        These are those of its opportunity or its document. An activity on a customer belongs to the
        latest opportunity of the customer with the same user as salesperson. Without one it belongs to
        the team of the user, and so do activities on contacts who are nobody's customer. Activities on
        contacts of users who do not sell are left out.

        :param mail.activity activities: Activities of the users.
        :param res.users salespeople: Those of the users who sell.
        :rtype: dict[mail.activity, tuple[crm.team, res.company]]
        """
        result = {}
        for model, group in activities.grouped('res_model').items():
            Model = self.env[model].with_context(active_test=False)
            record_by_id = {
                record.id: record for record in Model.browse(set(group.mapped('res_id'))).exists()
            }
            own = group.filtered(lambda activity, ids=record_by_id: activity.res_id in ids)
            if model == 'res.partner':
                result.update(self._find_owners_of_contacts(own, record_by_id, salespeople))
                continue
            for activity in own:
                record = record_by_id[activity.res_id]
                result[activity] = (record.team_id, record.company_id)
        return result

    def _find_owners_of_contacts(self, activities, partner_by_id, salespeople):
        """Return the sales team and the company of activities on contacts. In sudo mode.

        :param mail.activity activities: Activities on contacts.
        :param dict partner_by_id: Contacts by ID.
        :param res.users salespeople: Those of the users who have sales rights.
        :rtype: dict[mail.activity, tuple[crm.team, res.company]]
        """
        customers = self.env['res.partner'].union(*partner_by_id.values()).commercial_partner_id
        leads = (
            self
            .env['crm.lead']
            .with_context(active_test=False)
            .search(
                Domain('user_id', 'in', self.ids) & Domain('customer_id', 'in', customers.ids),
                order='id',
            )
        )
        latest = {(lead.user_id, lead.customer_id): lead for lead in leads}
        result = {}
        for activity in activities:
            partner = partner_by_id[activity.res_id]
            user = activity.user_id
            if lead := latest.get((user, partner.commercial_partner_id)):
                result[activity] = (lead.team_id, lead.company_id)
            elif user in salespeople:
                result[activity] = (user.sale_team_id, partner.company_id)
        return result

    def _find_successors(self, owners):
        """Return the users who take over the activities of the leavers. In sudo mode.

        This is the leader of the team, or else of the user's main team, if they can see all
        opportunities and work for the company. Otherwise it is a sales administrator of the company.

        :param owners: Pairs of a sales team and a company.
        :rtype: dict[tuple[crm.team, res.company, res.users], res.users]
        """
        seeing = self.env.ref('sales_team.group_sale_salesman_all_leads').all_user_ids
        result = {}
        for team, company in set(owners):
            for user in self:
                leaders = team.user_id + user.sale_team_id.user_id
                result[team, company, user] = next(
                    (
                        leader
                        for leader in leaders
                        if leader.active
                        and leader in seeing - self
                        and company <= leader.company_ids
                    ),
                    None,
                ) or self._find_sales_administrator(company, leaders)
        return result

    def _find_sales_administrator(self, company, leaders):
        """Return the sales administrator who takes over from the leavers. In sudo mode.

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

    def _draft_handovers(self, companies=None):
        """Create draft handovers of all that the users hold, except what is in a handover already.

        :param res.company companies: Only opportunities of these companies. By default all.
        """
        if not self:
            return
        # In sudo mode: a user who archives others may have no access to opportunities or handovers.
        # The activity below notifies the responsible user: no message about the assignment.
        Handover = self.sudo().env['crm.handover'].with_context(mail_auto_subscribe_no_notify=True)
        for user in self.sudo().env['crm.book']._filter_holding(self.sudo()):
            handovers = Handover._create_from_book(
                user,
                companies=companies,
                with_won=False,
                find_responsible=lambda company, leads, user=user: user._find_sales_administrator(
                    company, leads.team_id.user_id
                ),
                reason='departure',
            )
            for handover in handovers:
                in_lang = handover.with_context(lang=handover.user_id.lang or self.env.lang)
                in_lang.activity_schedule(
                    'mail.mail_activity_data_todo',
                    user_id=handover.user_id.id,
                    summary=in_lang.env._(
                        "%(user)s has left: hand over the pipeline", user=user.name
                    ),
                )
