"""Test the activities and handovers of archived users."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestArchiveUser(TestQuotaRateCommon):
    """Archive users on each route, as different administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver, cls.leaver_2 = (
            mail_new_test_user(
                cls.env, login=login, groups='sales_team.group_sale_salesman', name=login
            )
            for login in ('leaver', 'leaver_2')
        )
        cls.leader = cls.sales_team_1.user_id
        # an administrator of users without access to sales
        cls.officer = mail_new_test_user(
            cls.env, login='officer', groups='base.group_user,base.group_erp_manager'
        )
        cls.lead = cls._create_opportunity(user_id=cls.leaver.id)
        cls.lead_2 = cls._create_opportunity(user_id=cls.leaver_2.id)
        cls.env.flush_all()

    @classmethod
    def _plan(cls, record, user, **values):
        return record.activity_schedule('mail.mail_activity_data_call', user_id=user.id, **values)

    def _routes(self):
        return {
            'action_archive': lambda user: user.action_archive(),
            'write': lambda user: user.write({'active': False}),
            'assignment': lambda user: setattr(user, 'active', False),
        }

    def _for_each_route(self, test):
        """
        :param test: Called with a function that archives users.
        """
        for name, route in self._routes().items():
            for archiver in (self.env.user, self.officer):
                with self.subTest(route=name, archiver=archiver.login):
                    savepoint = self.env.cr.savepoint()
                    test(lambda user, route=route, by=archiver: route(user.with_user(by)))
                    savepoint.close(rollback=True)

    def _drafts(self, user):
        return self.env['crm.handover'].search([('from_user_id', '=', user.id)])

    def test_activities_go_to_the_team_leader(self):
        activity = self._plan(self.lead, self.leaver, summary="Promise")
        others = self._plan(self.lead, self.user_sales_leads)

        def test(archive):
            archive(self.leaver)
            self.assertFalse(self.leaver.active)
            self.assertEqual(activity.exists().user_id, self.leader)
            self.assertEqual(activity.former_user_id, self.leaver)
            self.assertEqual(activity.summary, "Promise")
            self.assertEqual(others.user_id, self.user_sales_leads)
            self.assertFalse(others.former_user_id)

        self._for_each_route(test)

    def test_draft_handover(self):
        won = self._create_opportunity(user_id=self.leaver.id, stage_id=self.stage_won.id)
        lost = self._create_opportunity(user_id=self.leaver.id, active=False, probability=0)

        def test(archive):
            archive(self.leaver)
            draft = self._drafts(self.leaver)
            self.assertRecordValues(
                draft,
                [
                    {
                        'state': 'draft',
                        'reason': 'departure',
                        'user_id': self.leader.id,
                        'company_id': self.lead.company_id.id or self.env.company.id,
                    }
                ],
            )
            self.assertEqual(draft.line_ids.lead_id, self.lead)
            self.assertEqual(draft.activity_ids.user_id, self.leader)
            self.assertEqual(
                (self.lead + won + lost).user_id, self.leaver, "Nothing moves by itself"
            )

        self._for_each_route(test)

    def test_several_at_once(self):
        activities = self._plan(self.lead, self.leaver) + self._plan(self.lead_2, self.leaver_2)
        (self.leaver + self.leaver_2).action_archive()
        self.assertEqual(activities.user_id, self.leader)
        self.assertEqual(activities.mapped('former_user_id'), self.leaver + self.leaver_2)
        for user, lead in ((self.leaver, self.lead), (self.leaver_2, self.lead_2)):
            self.assertEqual(self._drafts(user).line_ids.lead_id, lead)

    def test_once(self):
        """A user who is archived again gets no second handover of the same opportunities."""
        self.leaver.action_archive()
        self.leaver.action_archive()
        self.leaver.action_unarchive()
        new = self._create_opportunity(user_id=self.leaver.id)
        self.leaver.active = False
        self.assertEqual(self._drafts(self.leaver).mapped('line_ids.lead_id'), self.lead + new)
        self.assertEqual(len(self._drafts(self.leaver).line_ids), 2)

    def test_nothing_to_hand_over(self):
        self.lead.action_set_won()
        self.leaver.action_archive()
        self.assertFalse(self._drafts(self.leaver))

    def test_customers_activities(self):
        """A visit planned on the card of a customer is kept, with an opportunity and without."""
        contact = self._plan(self.contact_1, self.leaver)
        company = self._plan(self.customer, self.leaver)
        prospect = self._plan(self.contact_2, self.leaver)

        def test(archive):
            archive(self.leaver)
            activities = (contact + company + prospect).exists()
            self.assertEqual(len(activities), 3)
            self.assertEqual((contact + company).user_id, self.leader)
            self.assertTrue(
                prospect.user_id.has_group('sales_team.group_sale_manager'), "Has no team"
            )
            self.assertEqual(activities.former_user_id, self.leaver)

        self._for_each_route(test)

    def test_contacts_of_who_does_not_sell(self):
        """Activities of users without sales rights are not kept."""
        accountant = mail_new_test_user(self.env, login='accountant', groups='base.group_user')
        activity = self._plan(self.contact_2, accountant)
        accountant.action_archive()
        self.assertFalse(activity.exists(), "As without the addon")

    def _departures(self):
        """Ways to leave sales without being archived."""
        user_group, portal_group, salesman_group = (
            self.env.ref(name)
            for name in ('base.group_user', 'base.group_portal', 'sales_team.group_sale_salesman')
        )
        role = self.env['res.groups'].create({
            'name': "Field Sales",
            'implied_ids': [Command.link(salesman_group.id)],
        })

        def with_role(leave):
            def leave_with_role(user):
                user.write({'group_ids': [Command.set((user_group + role).ids)]})
                self.env.cr.flush()
                self.assertFalse(self._drafts(user), "The role sells")
                leave(user)

            return leave_with_role

        return {
            'portal user': lambda user: user.write({'group_ids': [Command.set(portal_group.ids)]}),
            'no sales group': lambda user: user.write({'group_ids': [Command.set(user_group.ids)]}),
            'taken off the group': lambda user: salesman_group.write({
                'user_ids': [Command.unlink(user.id)]
            }),
            'list of the group': lambda user: salesman_group.write({
                'user_ids': [Command.set((salesman_group.user_ids - user).ids)]
            }),
            'taken off a role': with_role(
                lambda user: role.write({'user_ids': [Command.unlink(user.id)]})
            ),
            'role without sales': with_role(
                lambda _user: role.write({'implied_ids': [Command.unlink(salesman_group.id)]})
            ),
            'other way round': with_role(
                lambda _user: salesman_group.write({'implied_by_ids': [Command.unlink(role.id)]})
            ),
            'role deleted': with_role(lambda _user: role.unlink()),
            'deleted': lambda user: user.unlink(),
        }

    def test_departures(self):
        for name, leave in self._departures().items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                activity = self._plan(self.lead, self.leaver)
                call = self._plan(self.contact_2, self.leaver)
                self.env.flush_all()
                leaver_id = self.leaver.id
                leave(self.leaver)
                self.env.cr.flush()
                self.env.invalidate_all()
                self.assertEqual(activity.exists().user_id, self.leader)
                self.assertTrue(call.exists())
                self.assertNotEqual(call.user_id.id, leaver_id)
                draft = self.lead.handover_line_ids.handover_id
                self.assertRecordValues(draft, [{'state': 'draft', 'reason': 'departure'}])
                self.assertEqual(draft.line_ids.from_user_name, "leaver")
                draft.receiver_ids = [Command.create({'user_id': self.user_sales_leads.id})]
                draft.line_ids.to_user_id = self.user_sales_leads
                draft.finding_ids.write({'is_waived': True, 'waive_reason': "It is a test"})
                draft.with_user(self.leader).action_start()
                self.assertEqual(self.lead.user_id, self.user_sales_leads)
                savepoint.rollback()
                self.env.registry.clear_all_caches()

    def test_other_changes_of_groups_are_no_departure(self):
        manager_group = self.env.ref('sales_team.group_sale_manager')
        self.leaver.write({'group_ids': [Command.link(manager_group.id)]})
        self.leaver.write({'group_ids': [Command.unlink(manager_group.id)]})
        self.env.cr.flush()
        self.assertFalse(self._drafts(self.leaver))

    def test_a_slip_taken_back_is_no_departure(self):
        salesman_group = self.env.ref('sales_team.group_sale_salesman')
        salesman_group.user_ids -= self.leaver
        self.env.flush_all()
        salesman_group.user_ids += self.leaver
        self.env.cr.flush()
        self.assertFalse(self._drafts(self.leaver))

    def test_leaves_one_company_of_two(self):
        company = self.env['res.company'].create({'name': "Elsewhere"})
        admin = self.env.ref('base.user_admin')
        (self.leaver + admin).company_ids = [Command.link(company.id)]
        there = self._create_opportunity(
            user_id=self.leaver.id, company_id=company.id, team_id=False, partner_id=False
        )
        own = self._create_opportunity(user_id=self.leaver.id, company_id=self.env.company.id)
        activities = self._plan(there, self.leaver) + self._plan(own, self.leaver)
        self.leaver.with_user(admin).write({'company_ids': [Command.unlink(company.id)]})
        self.assertEqual(self._drafts(self.leaver).line_ids.lead_id, there)
        self.assertEqual(self._drafts(self.leaver).company_id, company)
        self.assertEqual(activities.mapped('user_id'), admin + self.leaver)

    def test_done_activities_stay_as_they_are(self):
        activity = self._plan(self.lead, self.leaver)
        activity.action_done()
        self.leaver.action_archive()
        self.assertEqual(activity.user_id, self.leaver)

    def test_leads_and_closed_opportunities(self):
        lead = self._create_opportunity(user_id=self.leaver.id, type='lead')
        lost = self._create_opportunity(user_id=self.leaver.id)
        activities = self._plan(lead, self.leaver) + self._plan(lost, self.leaver)
        lost.active = False
        self.leaver.action_archive()
        self.assertEqual(activities.exists().user_id, self.leader)

    def test_who_gets_them_without_a_leader(self):
        """Without an active team leader with access, a sales administrator gets the activities.

        It is the user who archives, if they are a sales administrator."""
        activity = self._plan(self.lead, self.leaver)
        admin = self.env.ref('base.user_admin')
        for name, prepare in {
            'none': lambda: self.sales_team_1.write({'user_id': False}),
            'leaves too': lambda: self.sales_team_1.write({'user_id': self.leaver_2.id}),
            'own only': lambda: self.sales_team_1.write({'user_id': self.user_sales_salesman.id}),
            'archived': lambda: self.env.cr.execute(
                "UPDATE res_users SET active = FALSE WHERE id = %s", [self.leader.id]
            ),
        }.items():
            with self.subTest(leader=name):
                savepoint = self.env.cr.savepoint()
                prepare()
                self.env.flush_all()
                self.env.invalidate_all()
                (self.leaver + self.leaver_2).with_user(admin).action_archive()
                self.assertEqual(activity.exists().user_id, admin)
                savepoint.close(rollback=True)

    def test_of_another_company(self):
        """A leader without access to the company of the opportunity does not get the activities."""
        company = self.env['res.company'].create({'name': "Elsewhere"})
        admin = self.env.ref('base.user_admin')
        (self.leaver + admin).company_ids = [Command.link(company.id)]
        team = self.env['crm.team'].create({'name': "Elsewhere", 'company_id': company.id})
        lead = self._create_opportunity(
            user_id=self.leaver.id,
            team_id=team.id,
            company_id=company.id,
            partner_id=False,
        )
        activity = self._plan(lead, self.leaver)
        self.leaver.with_user(admin).action_archive()
        self.assertEqual(activity.user_id, admin)
        self.assertEqual(self._drafts(self.leaver).mapped('company_id'), self.env.company + company)

    def test_assigned_again_on_purpose(self):
        activity = self._plan(self.lead, self.leaver)
        self.leaver.action_archive()
        activity.with_user(self.leader).user_id = self.user_sales_leads
        self.assertFalse(activity.former_user_id)

    def test_the_handover_takes_them_along(self):
        """The handover assigns the activities to the receiver, except reassigned ones."""
        activity = self._plan(self.lead, self.leaver)
        kept = self._plan(self.lead, self.leaver)
        leaders_own = self._plan(self.lead, self.leader)
        receiver = self.user_sales_leads
        self.leaver.action_archive()
        kept.with_user(self.leader).user_id = self.user_sales_salesman
        draft = self._drafts(self.leaver)
        draft.receiver_ids = [Command.create({'user_id': receiver.id})]
        draft.line_ids.to_user_id = receiver
        draft.finding_ids.write({'is_waived': True, 'waive_reason': "It is a test"})
        draft.with_user(self.leader).action_start()
        self.assertEqual(self.lead.user_id, receiver)
        self.assertEqual(activity.user_id, receiver)
        self.assertEqual(kept.user_id, self.user_sales_salesman)
        self.assertEqual(leaders_own.user_id, self.leader)

    def test_nobody_writes_whose_it_was(self):
        activity = self._plan(self.lead, self.leaver)
        for user in (self.leaver, self.leader):
            with self.assertRaises(AccessError):
                activity.with_user(user).former_user_id = user
        Activity = self.env['mail.activity'].with_user(self.leader)
        values = {
            'res_model_id': self.env['ir.model']._get_id('crm.lead'),
            'res_id': self.lead.id,
            'user_id': self.leader.id,
        }
        with self.assertRaises(AccessError):
            Activity.with_context(default_former_user_id=self.leader.id).create(values)
        self.env['ir.default'].set('mail.activity', 'former_user_id', self.leader.id)
        self.assertFalse(Activity.create(values).former_user_id)

    def test_without_the_right_nothing_happens(self):
        activity = self._plan(self.lead, self.leaver)
        for route in self._routes().values():
            with self.assertRaises(AccessError):
                route(self.leaver.with_user(self.user_sales_manager))
            self.assertEqual(activity.user_id, self.leaver)

    def test_told_once(self):
        """The leader gets one message for any number of activities and opportunities."""
        activities = self.env['mail.activity']
        for _number in range(5):
            lead = self._create_opportunity(user_id=self.leaver.id)
            activities |= self._plan(lead, self.leaver)
        notified = self.env['mail.notification'].sudo()
        domain = [('res_partner_id', '=', self.leader.partner_id.id)]
        before = notified.search_count(domain)
        self.leaver.with_context(tracking_disable=False).action_archive()
        self.assertEqual(activities.user_id, self.leader)
        messages = notified.search(domain, limit=10, order='id desc').mail_message_id
        self.assertLessEqual(notified.search_count(domain) - before, 2, messages.mapped('subject'))

    def test_queries_do_not_grow_with_the_pipeline(self):
        counts = []
        for size in (5, 50):
            user = self.leaver_2.copy({'login': f'leaver_of_{size}'})
            leads = self.env['crm.lead'].create([
                {
                    'name': f"Deal {number}",
                    'type': 'opportunity',
                    'user_id': user.id,
                    'team_id': self.sales_team_1.id,
                    'stage_id': self.stage_open.id,
                }
                for number in range(size)
            ])
            for lead in leads:
                self._plan(lead, user)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            user._reassign_crm_activities()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)
