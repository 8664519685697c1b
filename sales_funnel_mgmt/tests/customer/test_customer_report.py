"""Test the page of customers."""

from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestCustomerReport(TestQuotaRateCommon):
    """Check the rows of a shared customer, an opportunity without a contact, and customers without any.

    LEAD------HOLDER------STAGE----REVENUE--CUSTOMER
    one       leads       open     1000     company (through contact_1)
    two       leads       late      500     company (through contact_1)
    other     salesman    open      100     company
    alone     leads       open      200     of its own
    nobody    -           open       10     contact_2's
    idle: a customer of salesman without an opportunity; kid: a contact of company, of sales_manager.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].with_context(active_test=False).search([]).unlink()
        cls.env['res.partner'].search([('user_id', '!=', False)]).user_id = False
        new = cls._create_opportunity
        cls.leads_user, cls.salesman = cls.user_sales_leads, cls.user_sales_salesman
        cls.one = new(name="one", expected_revenue=1000)
        cls.two = new(name="two", expected_revenue=500, stage_id=cls.stage_late.id)
        cls.other = new(
            name="other",
            expected_revenue=100,
            user_id=cls.salesman.id,
            partner_id=cls.customer.id,
        )
        cls.alone = new(name="alone", expected_revenue=200, partner_id=False)
        cls.nobody = new(
            name="nobody", expected_revenue=10, user_id=False, partner_id=cls.contact_2.id
        )
        Partner = cls.env['res.partner']
        cls.idle = Partner.create({'name': "Idle", 'user_id': cls.salesman.id})
        cls.kid = Partner.create({
            'name': "Kid",
            'parent_id': cls.customer.id,
            'user_id': cls.user_sales_manager.id,
        })
        cls.env.flush_all()

    def _rows(self, domain=(), user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env['crm.customer.report'].with_user(user or self.user_sales_manager)
        return rows.search(list(domain))

    def _row(self, customer, user):
        return self._rows([('customer_id', '=', customer.id), ('user_id', '=', user.id)])

    def test_rows(self):
        rows = {
            (row.display_name, row.user_id): (
                row.level_id,
                row.holder,
                row.holder_count,
                row.opportunity_count,
                row.expected_revenue,
                row.quota_amount,
            )
            for row in self._rows()
        }
        late, open_, none = self.stage_late, self.stage_open, self.env['crm.stage']
        name = self.customer.display_name
        manager, nobody = self.user_sales_manager, self.env['res.users']
        self.assertEqual(
            rows,
            {
                (name, self.leads_user): (late, 'active', 3, 2, 1500, 500),
                (name, self.salesman): (late, 'active', 3, 1, 100, 20),
                (name, manager): (late, 'active', 3, 0, 0, 0),
                (self.alone.display_name, self.leads_user): (open_, 'active', 1, 1, 200, 40),
                (self.contact_2.commercial_partner_id.display_name, nobody): (
                    open_,
                    'nobody',
                    0,
                    1,
                    10,
                    2,
                ),
                ("Idle", self.salesman): (none, 'active', 1, 0, 0, 0),
            },
        )

    def test_pivot_adds_up(self):
        """Each customer is in one level, and counts once in a total."""
        report = self.env['crm.customer.report'].with_user(self.user_sales_manager)
        count = 'customer_count:count_distinct'
        levels = dict(report._read_group([], ['level_id'], [count]))
        self.assertEqual(levels[self.stage_late], 1)
        [(total,)] = report._read_group([], [], [count])
        self.assertEqual(sum(levels.values()), total)
        self.assertEqual(total, 4)
        pairs = report._read_group([('level_id', '=', self.stage_late.id)], ['user_id'], [count])
        self.assertEqual([number for _user, number in pairs], [1, 1, 1])
        [(revenue,)] = report._read_group([], [], ['expected_revenue:sum'])
        self.assertEqual(revenue, 1810)

    def test_won(self):
        """A customer that has bought is won for all its salespeople, even once the win is archived."""
        self.one.stage_id = self.stage_won
        self.env.flush_all()
        row = self._row(self.customer, self.salesman)
        self.assertEqual(row.level_id, self.stage_won)
        row = self._row(self.customer, self.leads_user)
        self.assertEqual((row.won_revenue, row.expected_revenue), (1000, 500))
        self.one.active = False
        self.assertEqual(self._row(self.customer, self.salesman).level_id, self.stage_won)
        win = self.env['crm.stage.history'].search([('is_win', '=', True)])
        self.env.cr.execute(
            "UPDATE crm_stage_history SET entered_at = %s WHERE id IN %s",
            [datetime.now() - timedelta(days=400), win._ids],
        )
        self.assertEqual(self._row(self.customer, self.leads_user).won_revenue, 0)

    def test_lost_customer_has_no_opportunity(self):
        (self.one + self.two + self.other).action_set_lost()
        rows = self._rows([('customer_id', '=', self.customer.id)])
        self.assertEqual(rows.user_id, self.user_sales_manager)
        self.assertFalse(rows.level_id)

    def test_contact_activity_and_silence(self):
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s WHERE id = %s",
            [datetime.now() - timedelta(days=40, hours=1), self.one.id],
        )
        row = self._row(self.customer, self.leads_user)
        self.assertFalse(row.last_contact_at)
        self.assertEqual(row.silence_days, 40)
        self.assertIn(row, self._rows([('silence_days', '>=', 30)]))
        today = datetime.now().date()
        activity = self.one.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.leads_user.id, date_deadline=today
        )
        row = self._row(self.customer, self.leads_user)
        self.assertEqual(row.next_activity_date, today)
        activity.with_user(self.leads_user).action_feedback(feedback="Done")
        row = self._row(self.customer, self.leads_user)
        self.assertEqual(row.silence_days, 0)
        self.assertTrue(row.last_contact_at)

    def test_filters(self):
        """Each filter of the search view can be read."""
        self.customer.key_account = 'yes'
        self.leads_user.active = False
        for domain, leads in (
            ([('customer_id.is_key_account', '=', True)], 3),
            ([('holder', '=', 'archived')], 2),
            ([('holder', '=', 'nobody')], 1),
            ([('holder_count', '>', 1)], 3),
            ([('level_id', '=', False)], 1),
            ([('level_id.is_won', '=', True)], 0),
            ([('stalled_count', '>', 0)], 0),
            ([('next_activity_date', '=', False)], 6),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(len(self._rows(domain)), leads)

    def test_access(self):
        """A salesperson sees what they may read: the level too is made of that."""
        rows = self._rows(user=self.salesman)
        shown = {(row.display_name, row.user_id.id): row for row in rows}
        self.assertEqual(
            set(shown),
            {
                (self.customer.display_name, self.salesman.id),
                (self.contact_2.commercial_partner_id.display_name, False),
                ("Idle", self.salesman.id),
            },
        )
        row = shown[self.customer.display_name, self.salesman.id]
        self.assertEqual(row.level_id, self.stage_open)

    def test_company(self):
        """Another company has rows of its own, in its currency, for its users only."""
        abroad = self._create_company_abroad("Abroad", 2)
        self.user_sales_manager.company_ids = [Command.link(abroad.id)]
        self._create_opportunity(
            name="abroad",
            expected_revenue=70,
            company_id=abroad.id,
            team_id=False,
            user_id=self.user_sales_manager.id,
            partner_id=self.customer.id,
        )
        domain = Domain('company_id', '=', abroad.id)
        report = self.env['crm.customer.report'].with_user(self.user_sales_manager)
        here = report.with_context(allowed_company_ids=self.env.company.ids)
        self.assertFalse(here.search(domain))
        both = report.with_context(allowed_company_ids=(self.env.company + abroad).ids)
        row = both.search(domain)
        self.assertEqual(row.currency_id, abroad.currency_id)
        [(total,)] = both._read_group([], [], ['expected_revenue:sum_currency'])
        self.assertEqual(total, 1810 + 35)

    def test_hand_over(self):
        rows = self._rows([('customer_id', '=', self.customer.id)])
        action = rows.action_hand_over()
        self.assertEqual(
            set(action['context']['default_lead_ids']), set((self.one + self.two + self.other).ids)
        )
        alone = self._rows([('lead_id', '=', self.alone.id)])
        self.assertEqual(alone.action_hand_over()['context']['default_lead_ids'], self.alone.ids)
        with self.assertRaisesRegex(UserError, "one salesperson"):
            self.env['crm.customer.report'].action_hand_over()
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.user_sales_manager)
            .with_context(**action['context'])
            .create({})
        )
        opened = wizard.action_create()
        handover = self.env['crm.handover'].browse(opened.get('res_id')) or self.env[
            'crm.handover'
        ].search(opened['domain'])
        self.assertEqual(set(handover.mapped('state')), {'draft'})
        self.assertEqual(handover.line_ids.lead_id, self.one + self.two + self.other)

    def test_hand_over_of_one_salesperson(self):
        """All that the salesperson holds of the customers goes along, also without an opportunity."""
        row = self._row(self.idle, self.salesman)
        context = row.action_hand_over()['context']
        self.assertEqual(context['default_from_user_id'], self.salesman.id)
        wizard = (
            self
            .env['crm.handover.create']
            .with_user(self.user_sales_manager)
            .with_context(**context)
            .create({})
        )
        handover = self.env['crm.handover'].browse(wizard.action_create()['res_id'])
        self.assertEqual(handover.customer_ids.customer_id, self.idle)
        self.assertEqual(set(handover.document_ids.mapped('kind')), {'customer'})

    def test_opens(self):
        row = self._row(self.customer, self.leads_user)
        action = row.action_open_customer()
        self.assertEqual((action['res_model'], action['res_id']), ('res.partner', self.customer.id))
        action = self._rows([('lead_id', '=', self.alone.id)]).action_open_customer()
        self.assertEqual((action['res_model'], action['res_id']), ('crm.lead', self.alone.id))
        action = row.action_open_leads()
        opened = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(opened.lead_id, self.one + self.two)
        action = self.contact_1.action_view_stage_history()
        stays = self.env['crm.stage.history'].search(action['domain'])
        self.assertEqual(stays.lead_id, self.one + self.two + self.other)

    @users('user_sales_manager')
    def test_query_count(self):
        report = self.env['crm.customer.report']
        names = [
            name
            for name in report._fields
            if name not in ('create_uid', 'write_uid', '__last_update')
        ]
        report.search([]).read(names)
        counts = []
        for _round in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report.search([]).read(names)
            counts.append(self.env.cr.sql_log_count - before)
            partners = self.env['res.partner'].sudo().create([{'name': str(i)} for i in range(20)])
            for partner in partners:
                self._create_opportunity(partner_id=partner.id)
        self.assertEqual(*counts)
