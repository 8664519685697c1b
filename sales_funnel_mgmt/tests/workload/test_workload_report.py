"""Test the workload report."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon

CORE = [
    'customer_count:count_distinct',
    'opportunity_count:sum',
    'expected_revenue:sum',
    'quota_amount:sum',
    'won_customer_count:count_distinct',
    'won_revenue:sum',
]


@tagged('post_install', '-at_install')
class TestWorkloadReport(TestQuotaRateCommon):
    """Check the workload of seven opportunities, one of them without a salesperson.

    LEAD------HOLDER------STAGE----REVENUE--CUSTOMER
    one       leads       open     1000     company (through contact_1)
    two       leads       late      500     company (through contact_1)
    alone     leads       open      200     of its own
    won       leads       won       700     company
    other     salesman    open      100     contact_2's
    again     salesman    won        50     company
    nobody    -           open       10     of its own
    One lost opportunity and one lead do not count.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].search([]).unlink()
        cls.leads_user, cls.salesman = cls.user_sales_leads, cls.user_sales_salesman
        new = cls._create_opportunity
        other = {'user_id': cls.salesman.id, 'partner_id': cls.contact_2.id}
        cls.one = new(name="one", expected_revenue=1000)
        cls.two = new(name="two", expected_revenue=500, stage_id=cls.stage_late.id)
        cls.alone = new(name="alone", expected_revenue=200, partner_id=False)
        cls.won = new(
            name="won",
            expected_revenue=700,
            stage_id=cls.stage_won.id,
            partner_id=cls.contact_company_1.id,
        )
        cls.other = new(name="other", expected_revenue=100, **other)
        cls.again = new(
            name="again",
            expected_revenue=50,
            stage_id=cls.stage_won.id,
            user_id=cls.salesman.id,
        )
        cls.nobody = new(name="nobody", expected_revenue=10, user_id=False, partner_id=False)
        new(name="lost").action_set_lost()
        new(name="lead", type='lead')
        cls.report = cls.env['crm.workload.report']

    def _grouped(self, groupby, aggregates, domain=()):
        return {
            row[: len(groupby)] if len(groupby) > 1 else row[0]: row[len(groupby) :]
            for row in self.report._read_group(list(domain), groupby, aggregates)
        }

    def test_customer_is_the_company_above_the_contact(self):
        self.assertEqual(self.one.customer_id, self.contact_company_1)
        self.assertFalse(self.alone.customer_id)
        self.contact_1.parent_id = False
        self.assertEqual(self.one.customer_id, self.contact_1)

    def test_merged_contacts_become_one_customer(self):
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.contact_2 + self.contact_company_1).ids, self.contact_company_1)
        self.env.invalidate_all()
        self.assertEqual(self.other.customer_id, self.contact_company_1)

    def test_filled_as_computed(self):
        """Installation and upgrade fill the same customers as the ORM computes."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET customer_id = NULL")
        self.env['crm.lead']._fill_customers()
        self.assertEqual(self.two.customer_id, self.contact_company_1)
        self.assertFalse(self.nobody.customer_id)

    def test_by_salesperson(self):
        by_user = self._grouped(['user_id'], CORE)
        self.assertEqual(by_user[self.leads_user], (2, 4, 2400, 200 + 300 + 40 + 700, 1, 700))
        self.assertEqual(by_user[self.salesman], (2, 2, 150, 20 + 50, 1, 50))
        self.assertEqual(by_user[self.env['res.users']], (1, 1, 10, 2, 0, 0), "A row of its own")

    def test_a_customer_counts_once_in_each_total(self):
        [total] = self.report._read_group([], [], CORE)
        self.assertEqual(total, (4, 7, 2560, 1312, 1, 750))

    def test_by_salesperson_and_stage(self):
        cells = self._grouped(['user_id', 'stage_id'], CORE[:2])
        self.assertEqual(cells[self.leads_user, self.stage_open], (2, 2))
        self.assertEqual(cells[self.leads_user, self.stage_late], (1, 1))
        self.assertEqual(cells[self.salesman, self.stage_won], (1, 1))

    def test_archived_holders_stand_out(self):
        self.salesman.active = False
        holders = self._grouped(['holder'], ['opportunity_count:sum'])
        self.assertEqual(holders, {'active': (4,), 'archived': (2,), 'nobody': (1,)})

    def test_stalled_and_overdue(self):
        self.stage_open.rotting_threshold_days = 10
        for days in (-1, -1, 1):
            self.two.activity_schedule(
                'mail.mail_activity_data_todo',
                date_deadline=datetime.now().date() + timedelta(days=days),
                user_id=self.leads_user.id,
            )
        measures = ['stalled_count:sum', 'overdue_activity_count:sum', 'opportunity_count:sum']
        self.assertEqual(self._grouped(['user_id'], measures)[self.leads_user], (0, 2, 4))
        with self.mock_datetime_and_now(datetime.now() + timedelta(days=11)):
            figures = self._grouped(['user_id'], measures)
        self.assertEqual(figures[self.leads_user], (2, 3, 4), "No join multiplies")

    def test_capacity_belongs_to_the_salesperson(self):
        member = self.sales_team_1.crm_team_member_ids.filtered(
            lambda member: member.user_id == self.leads_user
        )
        member.holding_capacity = 5
        measures = ['holding_capacity:sum', 'capacity_use:avg']
        by_user = self._grouped(['user_id'], measures)
        self.assertEqual(by_user[self.leads_user], (5, 40))
        self.assertEqual(by_user[self.salesman], (False, False), "No limit")
        cells = self._grouped(['user_id', 'stage_id'], measures)
        self.assertEqual(cells[self.leads_user, self.stage_late], (5, 20))
        [total] = self.report._read_group([], [], measures)
        self.assertEqual(total, (5, 40), "Without what those hold who have no limit")
        self.assertEqual(member.held_customer_count, 2)

    def test_capacity_of_members_without_customers(self):
        self.env['ir.config_parameter'].sudo().set_param('sales_team.membership_multi', True)
        members = self.sales_team_1.crm_team_member_ids
        member = members.filtered(lambda member: member.user_id == self.leads_user)
        member.holding_capacity = 5
        idle_user = self.env['res.users'].create({
            'name': "Ida Idle",
            'login': "ida",
            'group_ids': [(4, self.env.ref('sales_team.group_sale_salesman').id)],
        })
        other_team = self.env['crm.team'].create({'name': "Others"})
        for team, capacity in ((self.sales_team_1, 10), (other_team, 5)):
            self.env['crm.team.member'].create({
                'crm_team_id': team.id,
                'user_id': idle_user.id,
                'holding_capacity': capacity,
            })
        measures = ['holding_capacity:sum', 'capacity_use:avg']
        read = self.report._read_group
        self.assertEqual(read([], [], measures), [(20, 10)])
        self.assertEqual(self._grouped(['team_id'], measures)[self.sales_team_1], (20, 10))
        self.assertEqual(read([('team_id', '=', self.sales_team_1.id)], [], measures), [(20, 10)])
        self.assertEqual(read([('user_id', '=', self.leads_user.id)], [], measures), [(5, 40)])
        sections = self.report.formatted_read_grouping_sets(
            [], [[], ['team_id'], ['team_id', 'user_id']], measures
        )
        self.assertEqual(sections[0][0]['holding_capacity:sum'], 20)
        by_user = {
            row['user_id'] and row['user_id'][0]: row['holding_capacity:sum'] for row in sections[2]
        }
        self.assertEqual(by_user[self.leads_user.id], 5)
        # A stage is about what somebody holds.
        by_stage = self._grouped(['stage_id'], measures)
        self.assertEqual(by_stage[self.stage_late], (5, 20))
        # PostgreSQL knows the totals of plain columns in a subselect, not those of expressions.
        for field in ('is_won', 'create_date:month', 'stage_id'):
            if field.partition(':')[0] in self.report._fields:
                grouped, total = self.report.formatted_read_grouping_sets(
                    [], [[field], []], measures
                )
                self.assertEqual(total[0]['holding_capacity:sum'], 20)
                self.assertNotIn(20, [row['holding_capacity:sum'] for row in grouped])
        own = self.report.with_user(self.salesman)
        self.assertEqual(own._read_group([], [], measures), [(False, False)])

    def test_pivot(self):
        """The pivot has all measures in all sections, as requested by the web client."""
        self.sales_team_1.crm_team_member_ids.holding_capacity = 4
        sections = self.report.formatted_read_grouping_sets(
            [],
            [[], ['user_id'], ['user_id', 'stage_id']],
            [*CORE, 'currency_id:array_agg_distinct', 'capacity_use:avg'],
        )
        self.assertEqual(sections[0][0]['customer_count:count_distinct'], 4)
        self.assertEqual(len(sections[1]), 3)

    @users('user_sales_salesman')
    def test_own_opportunities_only(self):
        rows = self.env['crm.workload.report'].search([])
        self.assertEqual(rows.lead_id, self.other + self.again + self.nobody)
        self.assertEqual(rows[:1].action_open_lead()['res_model'], 'crm.lead')
        of_others = self.report.browse(self.one.id)
        with self.assertRaises(AccessError):
            of_others.with_env(self.env).read(['stage_id'])

    @users('user_sales_leads')
    def test_companies_are_apart(self):
        # Created by another user, since creators of a company get access to it.
        abroad = self.report.env['res.company'].create({'name': "Abroad"})
        lead = self._create_opportunity(
            user_id=False, team_id=False, company_id=abroad.id, partner_id=False
        )
        self.assertEqual(lead.company_id, abroad)
        rows = self.env['crm.workload.report'].search([])
        self.assertNotIn(lead, rows.lead_id)
        self.assertIn(self.one, rows.lead_id)
