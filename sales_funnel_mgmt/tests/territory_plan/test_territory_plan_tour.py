"""Test a territory plan in the browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user


@tagged('post_install', '-at_install')
class TestTerritoryPlanTour(HttpCase):
    """Plan three salespeople in the browser.

    The first holds ten customers with one key account, the others one each. The second is a novice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tours look for English texts.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env.ref('base.user_admin').lang = 'en_US'
        cls.giver, cls.novice, cls.third = (
            mail_new_test_user(
                cls.env,
                login=login,
                name=name,
                groups='sales_team.group_sale_salesman',
                lang='en_US',
            )
            for login, name in (
                ('tour_giver', "Tour Giver"),
                ('tour_novice', "Tour Novice"),
                ('tour_third', "Tour Third"),
            )
        )
        cls.people = cls.giver + cls.novice + cls.third
        team = cls.env['crm.team'].create({'name': "Tour region"})
        cls.env['crm.team.member'].create([
            {
                'user_id': user.id,
                'crm_team_id': team.id,
                'seniority_by_hand': 'novice' if user == cls.novice else 'senior',
            }
            for user in cls.people
        ])
        customers = cls.env['res.partner'].create([
            {'name': f"Tour Customer {number:02}", 'is_company': True} for number in range(11)
        ])
        cls.key_account = cls.env['res.partner'].create({
            'name': "Tour Key Account",
            'is_company': True,
            'key_account': 'yes',
        })
        cls.leads = cls.env['crm.lead'].create([
            {
                'name': customer.name,
                'type': 'opportunity',
                'partner_id': customer.id,
                'user_id': user.id,
                'team_id': team.id,
            }
            for customer, user in zip(
                cls.key_account + customers,
                [cls.giver] * 10 + [cls.novice, cls.third],
                strict=True,
            )
        ])
        cls.env.company.concentration_min_customers = 100
        cls.env['crm.territory.plan'].create({
            'name': "Tour proposal",
            'user_ids': cls.people.ids,
            'weight_quota': 0,
        }).action_propose()

    def test_from_a_new_plan_to_the_draft_handover(self):
        self.start_tour('/odoo/territory-plans', 'sales_funnel_mgmt_territory_plan', login='admin')
        plan = self.env['crm.territory.plan'].search([('name', '=', "Tour by hand")])
        self.assertEqual(plan.state, 'applied')
        line = plan.line_ids.filtered(lambda line: line.customer_id == self.key_account)
        self.assertEqual((line.to_user_id, line.reason), (self.novice, 'manual'))
        handover = plan.handover_ids
        self.assertEqual((handover.state, handover.from_user_id), ('draft', self.giver))
        self.assertEqual(
            handover.line_ids.filtered(
                lambda line: line.lead_id.partner_id == self.key_account
            ).to_user_id,
            self.novice,
        )
        self.assertEqual(self.leads[:10].user_id, self.giver, "No opportunity is written")
