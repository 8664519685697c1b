"""Test the warnings about key accounts of novices."""

from datetime import date
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged, users
from odoo.tools import mute_logger

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestKeyAccount(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.novice = cls.sales_team_1_m1
        cls.novice.seniority_by_hand = 'novice'
        cls.key_account = cls.contact_company_1
        cls.key_account.key_account = 'yes'

    def test_novice_by_time_in_the_team(self):
        member = self.sales_team_1_m2
        self.assertTrue(member.joined_on)
        self.env.company.novice_months = 6
        today = date.today()
        for joined_on, seniority in (
            (today, 'novice'),
            (today - relativedelta(months=6) + relativedelta(days=1), 'novice'),
            (today - relativedelta(months=6), 'senior'),
        ):
            member.joined_on = joined_on
            self.assertEqual(member.seniority, seniority, joined_on)
        member.joined_on = today
        self.env.company.novice_months = 0
        self.assertEqual(member.seniority, 'senior')

    def test_by_hand_wins(self):
        member = self.sales_team_1_m2
        member.joined_on = date.today()
        member.seniority = 'senior'
        self.assertEqual(member.seniority_by_hand, 'senior')
        found = self.env['crm.team.member'].search([('seniority', '=', 'senior')])
        self.assertIn(member, found)
        self.assertNotIn(self.novice, found)

    def test_senior_in_one_team_is_no_novice(self):
        Member = self.env['crm.team.member']
        self.assertEqual(Member._get_novices(self.novice.user_id), self.novice.user_id)
        self.env['ir.config_parameter'].sudo().set_param('sales_team.membership_multi', True)
        Member.create({
            'user_id': self.novice.user_id.id,
            'crm_team_id': self.env['crm.team'].create({'name': "Other"}).id,
            'seniority': 'senior',
        })
        self.assertFalse(Member._get_novices(self.novice.user_id))
        self.assertFalse(Member._get_novices(self.user_sales_manager), "No member at all")

    def test_key_account_by_hand(self):
        self.assertTrue(self.contact_1.is_key_account, "A contact is what its company is")
        self.assertFalse(self.contact_2.is_key_account)
        found = self.env['res.partner'].search([('is_key_account', '=', True)])
        self.assertLessEqual(self.key_account + self.contact_1, found)
        self.assertNotIn(self.contact_2, found)
        others = self.env['res.partner'].search([('is_key_account', '=', False)])
        self.assertNotIn(self.contact_1, others)
        self.assertIn(self.contact_2, others)

    def test_key_account_by_won_value(self):
        self.key_account.key_account = False
        self.env.company.key_account_revenue = 1000
        lead = self._create_opportunity(expected_revenue=999)
        self.assertFalse(self.key_account.is_key_account)
        lead.action_set_won()
        self.env.invalidate_all()
        self.assertFalse(self.key_account.is_key_account, "999 of 1,000")
        lead.expected_revenue = 1000
        self.env.invalidate_all()
        self.assertTrue(self.contact_1.is_key_account)
        self.assertTrue(lead.is_key_account)
        self.assertIn(
            self.contact_1, self.env['res.partner'].search([('is_key_account', '=', True)])
        )
        self.key_account.key_account = 'no'
        self.assertFalse(self.contact_1.is_key_account, "By hand wins")

    @users('user_sales_leads')
    def test_administrators_alone_say_who_is_one(self):
        customer = self.key_account.with_env(self.env)
        self.assertTrue(customer.is_key_account)
        with self.assertRaises(AccessError):
            customer.key_account = 'no'

    @users('user_sales_manager')
    def test_warning_in_the_form(self):
        with self.assertLogs('odoo.tests.form.onchange', 'WARNING') as logs:
            form = Form(self.env['crm.lead'].with_context(default_type='opportunity'))
            form.name = "Deal"
            form.partner_id = self.contact_1
            form.user_id = self.novice.user_id
        self.assertIn("key account", "".join(logs.output))
        with self.assertNoLogs('odoo.tests.form.onchange', 'WARNING'):
            form.user_id = self.user_sales_manager

    def test_no_warning_for_others(self):
        lead = self._create_opportunity(partner_id=self.contact_2.id)
        lead.user_id = self.novice.user_id
        self.assertIsNone(lead._onchange_novice_gets_key_account())

    def _warned(self, attempt):
        """Return the messages that the web client shows to the user after saving."""
        self.env.cr.precommit.run()
        with patch.object(self.registry['bus.bus'], '_sendone', autospec=True) as send:
            attempt()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return [
            (call.args[1], call.args[3]['message'])
            for call in send.call_args_list
            if call.args[2] == 'simple_notification'
        ]

    @users('user_sales_manager')
    def test_warning_wherever_it_is_saved(self):
        """The warning appears after saving in the kanban, the list and the wizards."""
        novice = self.novice.user_id
        key, second, other = (
            self._create_opportunity(partner_id=partner.id, user_id=False).with_env(self.env)
            for partner in (self.contact_1, self.contact_1, self.contact_2)
        )
        warnings = self._warned(lambda: key.web_save({'user_id': novice.id}, {}))
        [(channel, message)] = warnings
        self.assertEqual(channel, self.env.user.partner_id)
        self.assertIn(self.key_account.name, message)
        self.assertIn(novice.name, message)
        self.assertFalse(self._warned(lambda: key.write({'user_id': novice.id})), "As before")
        both = key + second + other
        both.user_id = False
        self.assertEqual(len(self._warned(lambda: both.write({'user_id': novice.id}))), 1)
        both.user_id = False
        wizard = self.env['crm.lead2opportunity.partner.mass'].with_context(
            active_model='crm.lead', active_ids=both.ids
        )
        wizard = wizard.create({
            'user_ids': novice.ids,
            'team_id': self.sales_team_1.id,
            'force_assignment': True,
            'deduplicate': False,
        })
        self.assertEqual(len(self._warned(wizard.action_mass_convert)), 1)
        self.assertEqual(both.user_id, novice)

        def create():
            self.env['crm.lead'].create({
                'name': "New",
                'partner_id': self.contact_1.id,
                'user_id': novice.id,
            })

        self.assertEqual(len(self._warned(create)), 1)

    @users('user_sales_manager')
    def test_no_warning_of_what_is_none(self):
        novice = self.novice.user_id
        key, other = (
            self._create_opportunity(partner_id=partner.id, user_id=False).with_env(self.env)
            for partner in (self.contact_1, self.contact_2)
        )
        self.assertFalse(self._warned(lambda: other.write({'user_id': novice.id})))
        self.assertFalse(
            self._warned(lambda: key.write({'user_id': self.user_sales_manager.id})),
        )
        self.assertFalse(
            self._warned(lambda: key.sudo().write({'user_id': novice.id})), "The system"
        )
        key.user_id = False

        def give_and_take():
            key.user_id = novice
            key.user_id = False

        self.assertFalse(self._warned(give_and_take), "It counts what is saved in the end")

    @users('user_sales_manager')
    def test_many_are_named_in_one_warning(self):
        customers = self.env['res.partner'].create([
            {'name': f"Key {number}", 'is_company': True, 'key_account': 'yes'}
            for number in range(8)
        ])
        leads = self.env['crm.lead'].union(
            *(
                self._create_opportunity(partner_id=customer.id, user_id=False)
                for customer in customers
            )
        )
        leads = leads.with_env(self.env)
        [(_channel, message)] = self._warned(
            lambda: leads.write({'user_id': self.novice.user_id.id})
        )
        self.assertIn("And 3 more", message)

    def test_no_route_of_the_assignment_gives_one_to_a_novice(self):
        """Neither the scheduled action nor the button of a team assigns a key account to a novice."""
        Lead = self.env['crm.lead']
        Lead.search([]).unlink()
        members = self.env['crm.team.member'].search([])
        members.write({'assignment_optout': True})
        self.sales_team_1.assignment_max = 100
        self.novice.write({
            'assignment_optout': False,
            'assignment_max': 100,
            'assignment_domain': False,
        })
        values = {
            'type': 'lead',
            'user_id': False,
            'team_id': self.sales_team_1.id,
            'probability': 50,
        }
        key, other = (
            self._create_opportunity(**values, partner_id=partner.id)
            for partner in (self.contact_1, self.contact_2)
        )

        def assign(route):
            (key + other).write({'user_id': False, 'date_open': False, 'type': 'lead'})
            self.env.flush_all()
            with mute_logger('odoo.addons.crm.models.crm_team'):
                route()
            return key.user_id, other.user_id

        team, novice = self.sales_team_1, self.novice.user_id
        for route in (
            lambda: self.env['crm.team']._cron_assign_leads(force_quota=True),
            lambda: team._action_assign_leads(force_quota=True),
            lambda: team._assign_and_convert_leads(force_quota=True),
        ):
            self.assertEqual(assign(route), (key.user_id.browse(), novice))
        team.user_id = novice
        (key + other).team_id = team
        self.assertEqual(
            assign(lambda: (key + other)._assign_userless_lead_in_team("a form")),
            (key.user_id.browse(), novice),
        )
        self.novice.seniority_by_hand = 'senior'
        self.assertEqual(
            assign(lambda: team._action_assign_leads(force_quota=True)), (novice, novice)
        )

    def test_assignment_leaves_key_accounts_to_people(self):
        self.env['crm.lead'].search([]).unlink()
        values = {'type': 'lead', 'user_id': False, 'team_id': self.sales_team_1.id}
        key, other = (
            self._create_opportunity(**values, partner_id=partner.id)
            for partner in (self.contact_1, self.contact_2)
        )
        (key + other).date_open = False
        team = self.sales_team_1
        self.assertEqual(self.env['crm.lead'].search(team._get_lead_to_assign_domain()), other)
        team.crm_team_member_ids.seniority_by_hand = 'senior'
        self.assertEqual(
            self.env['crm.lead'].search(team._get_lead_to_assign_domain()), key + other
        )
