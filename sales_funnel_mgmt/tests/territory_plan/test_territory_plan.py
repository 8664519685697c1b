"""Test territory plans, from the proposal to the handover."""

import logging
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestTerritoryPlan(TestQuotaRateCommon):
    """Plan a team of three salespeople: `giver` holds ten customers, the others one each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].search([]).unlink()
        cls.team = cls.env['crm.team'].create({'name': "Region", 'company_id': cls.env.company.id})
        cls.giver, cls.taker, cls.third = cls.people = (
            cls.user_sales_leads + cls.user_sales_salesman + cls.user_sales_manager
        )
        cls.env['ir.config_parameter'].sudo().set_param('sales_team.membership_multi', True)
        cls.members = cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': cls.team.id, 'seniority_by_hand': 'senior'}
            for user in cls.people
        ])
        cls.customers = cls.env['res.partner'].create([
            {'name': f"Customer {number:02}", 'is_company': True} for number in range(12)
        ])
        cls.leads = cls.env['crm.lead']
        for number, customer in enumerate(cls.customers):
            user = cls.people[max(0, number - 9)]
            cls.leads += cls._lead(customer, user)
        cls.env.company.concentration_min_customers = 100

    @classmethod
    def _lead(cls, customer, user, **values):
        return cls._create_opportunity(**{
            'partner_id': customer.id,
            'user_id': user.id,
            'team_id': cls.team.id,
            'expected_revenue': 1000,
            **values,
        })

    def _plan(self, **values):
        plan = self.env['crm.territory.plan'].create({
            'name': "Plan",
            'user_ids': self.people.ids,
            'weight_quota': 0,
            **values,
        })
        plan.action_propose()
        return plan

    def _member(self, plan, user):
        return plan.member_ids.filtered(lambda member: member.user_id == user)

    def _line(self, plan, number):
        return plan.line_ids.filtered(lambda line: line.customer_id == self.customers[number])

    def test_spreads_what_one_holds(self):
        plan = self._plan()
        self.assertEqual(plan.state, 'proposed')
        self.assertEqual(plan.move_count, 6, "Four each, with the fewest moves")
        self.assertRecordValues(
            plan.member_ids.sorted(lambda member: member.user_id.id),
            [
                {
                    'user_id': user.id,
                    'customers_before': before,
                    'customers_after': 4,
                    'opportunities_before': before,
                    'revenue_before': 1000 * before,
                    'revenue_after': 4000,
                    'quota_after': 800,
                }
                for user, before in sorted(
                    zip(self.people, (10, 1, 1), strict=True), key=lambda pair: pair[0].id
                )
            ],
        )
        self.assertAlmostEqual(plan.largest_before, 100 * 10 / 12, 1)
        self.assertAlmostEqual(plan.largest_after, 100 * 4 / 12, 1)
        self.assertIn("6", plan.summary)
        self.assertFalse(plan.problem)
        self.assertEqual(plan.chart['rows'][0]['customers_after'], 4)

    def test_three_regions(self):
        """A plan over the teams of three regions shows the effect on the load."""
        regions = self.env['crm.team'].create([
            {'name': name, 'company_id': self.env.company.id}
            for name in ("Central", "East", "West")
        ])
        self.leads.unlink()
        for region, user, number in zip(regions, self.people, (30, 12, 3), strict=True):
            for index in range(number):
                customer = self.env['res.partner'].create({'name': f"{region.name} {index}"})
                self._lead(customer, user, team_id=region.id, expected_revenue=100 * (index + 1))
        plan = self._plan(team_ids=regions.ids, weight_revenue=1)
        self.assertGreater(plan.largest_before, 70)
        self.assertLess(plan.largest_after, 34)
        self.assertIn(f"from {plan.largest_before:.1f}% to {plan.largest_after:.1f}%", plan.summary)
        self.assertEqual(sum(plan.member_ids.mapped('customers_after')), 45)

    def test_isolated_from_live_data(self):
        self._plan()
        self.assertEqual(self.leads.mapped('user_id'), self.people)
        self.assertEqual(self.leads[:10].user_id, self.giver)

    def test_each_move_is_explained(self):
        plan = self._plan()
        moved = plan.line_ids.filtered('is_moved')
        self.assertEqual(set(moved.mapped('reason')), {'balance'})
        self.assertIn("83.3%", moved[0].explanation)
        self.assertFalse((plan.line_ids - moved)[0].explanation)

    def test_deterministic(self):
        first, second = self._plan(), self._plan()
        self.assertEqual(
            [(line.customer_id, line.to_user_id) for line in first.line_ids.sorted('id')],
            [(line.customer_id, line.to_user_id) for line in second.line_ids.sorted('id')],
        )

    def test_locked_ones_stay(self):
        self.stage_late.lock_salesperson = True
        self.leads[:9].stage_id = self.stage_late
        plan = self._plan()
        self.assertEqual(plan.move_count, 1)
        line = self._line(plan, 0)
        self.assertTrue(line.is_locked)
        with self.assertRaisesRegex(UserError, "Customer 00"):
            line.with_user(self.user_sales_manager).to_user_id = self.taker

    def test_customers_stay_together(self):
        """The opportunities of a customer in other stages move with the customer."""
        self._lead(self.customers[0], self.giver, stage_id=self.stage_won.id)
        plan = self._plan(stage_ids=self.stage_open.ids)
        self.assertEqual(self._line(plan, 0).opportunity_count, 2)
        plan = self._plan(stage_ids=self.stage_won.ids)
        self.assertEqual(plan.line_ids.customer_id, self.customers[0])

    def test_shared_customers_are_torn_no_further(self):
        """The part of each salesperson of a shared customer moves as a whole."""
        for customer in self.customers[:9]:
            self._lead(customer, self.taker)
            self._lead(customer, self.giver)
        plan = self._plan()
        lines = self._line(plan, 0)
        self.assertEqual(lines.mapped('is_shared'), [True, True])
        self.assertEqual(sorted(lines.mapped('opportunity_count')), [1, 2])
        self.assertGreater(plan.move_count, 0)
        self._check_torn_no_further(plan)
        plan.with_user(self.user_sales_manager).line_ids[::2].to_user_id = self.third
        self._check_torn_no_further(plan)

    def _check_torn_no_further(self, plan):
        for customer in self.customers:
            own = plan.line_ids.filtered(lambda line: line.customer_id == customer)  # noqa: B023
            self.assertLessEqual(len(own.to_user_id), len(own.from_user_id))

    def test_a_shared_customer_can_be_brought_together(self):
        """A shared customer that is brought together counts as one customer and one move."""
        lead = self._lead(self.customers[0], self.taker, stage_id=self.stage_won.id)
        self.leads[0].stage_id = self.stage_won
        plan = self._plan()
        lines = self._line(plan, 0)
        lines.with_user(self.user_sales_manager).to_user_id = self.giver
        plan.line_ids.with_user(self.user_sales_manager).filtered(
            lambda line: line not in lines
        ).action_put_back()
        self.assertRecordValues(
            self._member(plan, self.giver),
            [{'customers_before': 10, 'customers_after': 10, 'won_before': 1, 'won_after': 1}],
        )
        self.assertRecordValues(
            self._member(plan, self.taker),
            [{'customers_before': 2, 'customers_after': 1, 'won_before': 1, 'won_after': 0}],
        )
        self.assertEqual(plan.move_count, 1)
        handovers = self.env['crm.handover'].search(plan.action_apply()['domain'])
        self.assertEqual(handovers.line_ids.lead_id, lead)
        self.assertEqual(handovers.line_ids.to_user_id, self.giver)

    def test_repair_of_won_totals(self):
        """Plans of earlier versions get the number of their different won customers, and their shares."""
        self._lead(self.customers[0], self.taker, stage_id=self.stage_won.id)
        (self.leads[0] + self.leads[1]).stage_id = self.stage_won
        plan = self._plan()
        self.assertEqual(plan.won_total, 2)
        member = self._member(plan, self.giver)
        share = member.won_share_before
        self.assertEqual(share, 100)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_territory_plan SET won_total = 0 WHERE id = %s", [plan.id])
        self.env.cr.execute(
            "UPDATE crm_territory_plan_member SET won_share_before = 66 WHERE id = %s", [member.id]
        )
        self.env.invalidate_all()
        logger = logging.getLogger(
            'odoo.addons.sales_funnel_mgmt.models.territory_plan.proposal.crm_territory_plan'
        )
        with patch.object(logger, 'info') as log:
            self.env['crm.territory.plan']._repair_won_totals()
        self.assertGreaterEqual(log.call_args.args[1], 1)
        self.assertEqual(plan.won_total, 2)
        self.assertEqual(member.won_share_before, share)

    def test_totals_count_a_shared_customer_once(self):
        self._lead(self.customers[0], self.taker, stage_id=self.stage_won.id)
        self.leads[0].stage_id = self.stage_won
        plan = self._plan()
        measures = [f'{name}_before:sum' for name in ('customers', 'won')]
        read = self.env['crm.territory.plan.member']._read_group
        domain = [('plan_id', '=', plan.id)]
        self.assertEqual(read(domain, [], measures), [(12, 1)])
        by_user = {user: figures for user, *figures in read(domain, ['user_id'], measures)}
        self.assertEqual(by_user[self.giver], [10, 1])
        self.assertEqual(by_user[self.taker], [2, 1])
        self._line(plan, 0).with_user(self.user_sales_manager).to_user_id = self.giver
        [(customers, won)] = read(domain, [], ['customers_after:sum', 'won_after:sum'])
        self.assertEqual((customers, won), (12, 1))

    def test_no_key_account_for_a_novice(self):
        self.members[1].seniority_by_hand = 'novice'
        self.customers.key_account = 'yes'
        plan = self._plan()
        self.assertEqual(self._member(plan, self.taker).customers_after, 1)
        line = self._line(plan, 0)
        line.with_user(self.user_sales_manager).to_user_id = self.taker
        self.assertTrue(line.violation, "By hand it is shown, not hidden")
        self.assertIn(line.violation, plan.problem)

    def test_capacity(self):
        self.members[1].holding_capacity = 2
        elsewhere = self.env['crm.team'].create({'name': "Elsewhere"})
        self._lead(self.contact_2, self.taker, team_id=elsewhere.id)
        plan = self._plan(team_ids=self.team.ids)
        member = self._member(plan, self.taker)
        self.assertEqual((member.other_customers, member.customers_after), (1, 1))
        self._line(plan, 0).with_user(self.user_sales_manager).to_user_id = self.taker
        self.assertIn("3", member.violation)

    def test_concentration(self):
        self.env.company.concentration_min_customers = 5
        self.env.company.concentration_limit = 50
        self.leads.stage_id = self.stage_won
        # The holder of all has no other customer: the load alone would not move it.
        plan = self._plan(weight_customers=0, weight_revenue=1)
        shares = plan.member_ids.mapped('won_share_after')
        self.assertLessEqual(max(shares), 50)
        self.assertIn('concentration', plan.line_ids.mapped('reason'))
        self.assertIn("83%", plan.line_ids.filtered('is_moved')[0].explanation)

    @users('user_sales_manager')
    def test_by_hand(self):
        plan = self._plan().with_env(self.env)
        line = self._line(plan, 11)
        line.to_user_id = self.giver
        self.assertEqual(line.reason, 'manual')
        self.assertEqual(self._member(plan, self.giver).customers_after, 5)
        self.assertAlmostEqual(plan.largest_after, 100 * 5 / 12, 1)
        line.action_put_back()
        self.assertFalse(line.is_moved or line.reason)
        with self.assertRaisesRegex(UserError, "take part"):
            line.to_user_id = self.env.user.browse(self.env.ref('base.user_admin').id)
        with self.assertRaises(AccessError):
            line.reason = 'balance'
        with self.assertRaises(AccessError):
            plan.state = 'applied'

    def test_apply_makes_draft_handovers(self):
        plan = self._plan()
        moved = plan.line_ids.filtered('is_moved')
        action = plan.action_apply()
        handovers = self.env['crm.handover'].search(action['domain'])
        self.assertEqual(handovers.mapped('state'), ['draft'])
        self.assertEqual(handovers.from_user_id, self.giver)
        self.assertEqual(handovers.reason, 'rebalancing')
        self.assertEqual(
            {line.lead_id.customer_id: line.to_user_id for line in handovers.line_ids},
            {line.customer_id: line.to_user_id for line in moved},
        )
        self.assertEqual(self.leads[:10].user_id, self.giver, "No opportunity is written")
        self.assertEqual(plan.state, 'applied')
        with self.assertRaises(UserError):
            plan.action_apply()

    def test_the_ground_has_moved(self):
        first, second = self._plan(), self._plan()
        first.action_apply()
        with self.assertRaisesRegex(UserError, "Customer"):
            second.action_apply()

    def test_the_ground_has_moved_for_good(self):
        """A plan is outdated after changes, even once the handover of the first plan is done."""
        first, second = self._plan(), self._plan()
        handovers = self.env['crm.handover'].search(first.action_apply()['domain'])
        self.env['crm.pipeline.check'].search([]).active = False
        handovers.action_start()
        self.assertNotEqual(self.leads[:10].user_id, self.giver)
        with self.assertRaisesRegex(UserError, "Customer"):
            second.action_apply()
        second.action_propose()
        self.assertFalse(second.move_count, "All is well now")

    def test_locked_in_the_meantime(self):
        plan = self._plan()
        line = plan.line_ids.filtered('is_moved')[0]
        self.stage_late.lock_salesperson = True
        self.leads.filtered(
            lambda lead: lead.customer_id == line.customer_id
        ).stage_id = self.stage_late
        with self.assertRaisesRegex(UserError, line.display_name):
            plan.action_apply()

    def test_a_customer_was_given_away(self):
        plan = self._plan()
        line = plan.line_ids.filtered('is_moved')[0]
        lead = self.leads.filtered(lambda lead: lead.customer_id == line.customer_id)
        lead.user_id = self.third
        with self.assertRaisesRegex(UserError, line.display_name):
            plan.action_apply()

    def test_a_member_has_left(self):
        plan = self._plan(team_ids=self.team.ids)
        self.assertFalse(plan.problem)
        self.members[2].active = False
        plan.invalidate_recordset()
        self.assertIn(self.third.name, plan.problem)
        with self.assertRaisesRegex(UserError, "member"):
            plan.action_apply()

    def test_large_plans_are_computed_in_the_background(self):
        self.patch(type(self.env['crm.territory.plan']), '_is_large', lambda self: True)
        plan = self._plan()
        self.assertEqual((plan.state, plan.move_count), ('computing', 0))
        with self.assertRaises(UserError):
            plan.action_propose()
        with self.enter_registry_test_mode():
            self.env.ref('sales_funnel_mgmt.ir_cron_territory_plans').method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((plan.state, plan.move_count, plan.progress), ('proposed', 6, 100))

    def test_constant_number_of_queries(self):
        counts = []
        for _round in range(2):
            plan = self.env['crm.territory.plan'].create({
                'name': "Plan",
                'user_ids': self.people.ids,
            })
            self.env.flush_all()
            before = self.cr.sql_log_count
            plan.action_propose()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            for number in range(30):
                self._lead(
                    self.env['res.partner'].create({'name': f"More {number}", 'is_company': True}),
                    self.giver,
                )
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_compare(self):
        plans = self._plan() + self._plan(weight_customers=0, weight_quota=1)
        action = plans.action_compare()
        members = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(members.plan_id, plans)

    def test_nonsense_is_refused(self):
        with self.assertRaises(ValidationError):
            self._plan(weight_customers=0)
        with self.assertRaises(UserError):
            self._plan(user_ids=self.giver.ids)

    @users('user_sales_leads')
    def test_rights(self):
        plan = self._plan_of_administrator()
        self.assertEqual(plan.with_env(self.env).move_count, 6)
        for method in ('action_propose', 'action_apply', 'action_take_back'):
            with self.assertRaises(AccessError):
                getattr(plan.with_env(self.env), method)()
        with self.assertRaises(AccessError):
            plan.line_ids[0].with_env(self.env).to_user_id = self.taker

    def _plan_of_administrator(self):
        return self._plan.__func__(
            type('Test', (), {'env': self.env(user=self.user_sales_manager), 'people': self.people})
        )

    @users('user_sales_salesman')
    def test_salespeople_see_no_plans(self):
        with self.assertRaises(AccessError):
            self.env['crm.territory.plan'].search([])

    def test_customer_of_two_teams_moves_as_a_whole(self):
        """A plan of a team moves what its customers have in other teams, too."""
        other = self.env['crm.team'].create({'name': "Other", 'company_id': self.env.company.id})
        members = [{'user_id': user.id, 'crm_team_id': other.id} for user in self.people]
        self.env['crm.team.member'].create(members)
        for customer in self.customers[:10]:
            self._lead(customer, self.giver, team_id=other.id)
        alone = self.env['res.partner'].create({'name': "Of the other team"})
        self._lead(alone, self.giver, team_id=other.id)
        plan = self._plan(team_ids=self.team.ids)
        self.assertNotIn(alone, plan.line_ids.customer_id)
        self.assertEqual(self._line(plan, 0).opportunity_count, 2)
        self.assertTrue(plan.move_count)
        plan.action_apply()
        moved = plan.line_ids.filtered('is_moved').customer_id
        lines = plan.handover_ids.line_ids
        self.assertEqual(
            lines.lead_id, self.env['crm.lead'].search([('customer_id', 'in', moved.ids)])
        )
        self.assertEqual(lines.lead_id.team_id, self.team + other)
        for customer, own_lines in lines.grouped(lambda line: line.lead_id.customer_id).items():
            self.assertEqual(len(own_lines.to_user_id), 1, customer.name)

    def test_limits_that_cannot_be_kept(self):
        """As few customers as possible are above the limits, and the plan names the limit."""
        self.env.company.write({'concentration_min_customers': 1, 'concentration_limit': 30})
        self.members.holding_capacity = 4
        self.leads.stage_id = self.stage_won
        plan = self._plan()
        self.assertEqual(plan.won_total, 12)
        # 30 % of 12 are 3 each, 9 in all; 4 each are within the capacities.
        self.assertEqual((plan.concentration_excess, plan.capacity_excess), (3, 0))
        self.assertIn("cannot keep the concentration limit of 30%: 3 won", plan.problem)
        self.assertNotIn("cannot keep the holding capacities", plan.problem)

    def test_share_of_shared_customers(self):
        """A won customer of two salespeople counts with each, and once in the whole."""
        self.leads.stage_id = self.stage_won
        for customer in self.customers[10:]:
            self._lead(customer, self.giver, stage_id=self.stage_won.id)
        plan = self._plan(stage_ids=self.stage_won.ids)
        self.assertEqual(plan.won_total, 12)
        self.assertEqual(self._member(plan, self.giver).won_share_before, 100)
