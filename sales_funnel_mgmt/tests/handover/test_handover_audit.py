"""Test the audit of a handover."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverAudit(TestHandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checks.active = True
        cls.customer = cls._create_customer("Customer")
        today = fields.Date.today()
        cls.good_values = {
            'email_from': 'customer@example.com',
            'expected_revenue': 1000,
            'date_deadline': today + timedelta(days=30),
        }
        cls.good = cls._create_leaver_opportunity("Good", **cls.good_values)
        # Without key accounts among the other customers.
        cls._create_leaver_opportunity("Large", partner_id=False, expected_revenue=100_000)
        cls._plan_next_step(cls.good)
        cls.good.message_post(body="Hello", message_type='comment')

    @classmethod
    def _plan_next_step(cls, lead, days=3, user=None):
        return lead.activity_schedule(
            'mail.mail_activity_data_call',
            date_deadline=fields.Date.today() + timedelta(days=days),
            user_id=(user or cls.leaver).id,
        )

    def _create_bad(self, **values):
        lead = self._create_leaver_opportunity("Bad", **{**self.good_values, **values})
        self._plan_next_step(lead)
        lead.message_post(body="Hello", message_type='comment')
        return lead

    def _found(self, lead, handover=None):
        handover = handover or self._create_handover(self.good + lead)
        self.assertNotIn(
            self.good,
            handover.finding_ids.filtered(lambda f: f.state == 'open').lead_id - lead,
            "The good one is found by no check",
        )
        prefix = 'sales_funnel_mgmt.crm_pipeline_check_'
        findings = self._line(handover, lead).finding_ids.filtered(lambda f: f.state == 'open')
        xmlids = findings.check_id.get_external_id()
        return {xmlid.removeprefix(prefix) for xmlid in xmlids.values()}

    def test_twelve_checks_are_shipped(self):
        self.assertGreaterEqual(len(self.checks), 12)

    def test_nothing_to_find(self):
        self.assertFalse(self._create_handover(self.good).finding_ids)

    def test_conditions(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        for name, values in (
            ('no_customer', {'partner_id': False}),
            ('no_contact_data', {'email_from': False, 'phone': False}),
            ('no_revenue', {'expected_revenue': 0}),
            ('no_closing_date', {'date_deadline': False}),
            ('closing_past', {'date_deadline': yesterday}),
        ):
            with self.subTest(check=name):
                self.assertEqual(self._found(self._create_bad(**values)), {name})

    def test_nothing_planned(self):
        lead = self._create_leaver_opportunity("Bad", **self.good_values)
        self.assertEqual(self._found(lead), {'no_activity'})

    def test_won_needs_no_plan(self):
        lead = self._create_leaver_opportunity(
            "Won", stage_id=self.stage_won.id, **self.good_values
        )
        self.assertEqual(self._found(lead), set())

    def test_overdue(self):
        lead = self._create_bad()
        self._plan_next_step(lead, days=-2)
        self.assertEqual(self._found(lead), {'overdue'})

    def _create_old(self, days, **values):
        """Create an opportunity that entered its stage a number of days ago."""
        with freeze_time(fields.Datetime.now() - timedelta(days=days)):
            lead = self._create_leaver_opportunity("Bad", **{**self.good_values, **values})
            self.env.flush_all()
        self._plan_next_step(lead)
        return lead

    def _contact(self, lead, days, **values):
        """Add an e-mail from the customer a number of days ago."""
        return lead.message_post(
            body="Hello",
            message_type='email',
            author_id=self.customer.id,
            subtype_xmlid='mail.mt_comment',
            date=fields.Datetime.now() - timedelta(days=days),
            **values,
        )

    def test_stalled_and_silent_as_in_the_stall_alerts(self):
        """The audit uses the thresholds, clocks and contacts of the stall alerts."""
        self.env['res.company'].search([]).write({'stall_age_days': 40, 'stall_silence_days': 14})
        self.stage_open.write({'rotting_threshold_days': 10, 'silence_threshold_days': 5})
        cases = {
            "within both": (self._create_old(4), set()),
            "silent alone": (self._create_old(9), {'silent'}),
            "both, of any age": (self._create_old(400), {'stalled', 'silent'}),
            "of a stage that follows the company": (
                self._create_old(20, stage_id=self.stage_late.id),
                {'silent'},
            ),
        }
        talked_to = self._create_old(20)
        self._contact(talked_to, days=3)
        cases["talked to"] = (talked_to, {'stalled'})
        noted = self._create_old(9)
        noted.message_post(body="An internal note", message_type='comment')
        cases["internal note"] = (noted, {'silent'})
        # A write in the same stage does not reset the clock, unlike Odoo's own date.
        cases["both, of any age"][0].date_last_stage_update = fields.Datetime.now()
        self.env.flush_all()
        for case, (lead, found) in cases.items():
            with self.subTest(case):
                self.assertEqual(self._found(lead), found)
                clocks = {stall[1] for stall in self.env['crm.lead']._get_stalls(lead.ids)}
                names = {'age': 'stalled', 'silence': 'silent'}
                self.assertEqual({names[clock] for clock in clocks}, found)
        self.stage_open.has_stall_alerts = False
        self.assertEqual(self._found(self._create_old(400)), set())

    def test_silent_for_days_of_its_own(self):
        """The threshold of the check replaces that of the stage."""
        self.env.ref('sales_funnel_mgmt.crm_pipeline_check_silent').parameter = 60
        self.stage_open.has_stall_alerts = False
        self.assertEqual(self._found(self._create_old(59)), set())
        lead = self._create_old(61)
        self.assertEqual(self._found(lead), {'silent'})
        self._contact(lead, days=30)
        self.assertEqual(self._found(lead), set())

    def test_revenue_outlier(self):
        for _number in range(30):
            self._create_opportunity(expected_revenue=1000)
        lead = self._create_bad(expected_revenue=1_000_000)
        self.assertEqual(self._found(lead) - {'key_account'}, {'revenue_outlier'})

    def test_revenue_cut(self):
        lead = self._create_bad().with_context(tracking_disable=False)
        self.flush_tracking()
        lead.expected_revenue = 400
        self.flush_tracking()
        self.assertEqual(self._found(lead), {'revenue_cut'})
        self.env.ref('sales_funnel_mgmt.crm_pipeline_check_revenue_cut').parameter = -1
        self.assertEqual(self._found(lead), set(), "Not within the days")

    def test_duplicate_with_someone_else(self):
        lead = self._create_bad(partner_id=self.customer.id)
        contact = self.env['res.partner'].create({'name': "Ann", 'parent_id': self.customer.id})
        other = self._create_opportunity(name="Other", partner_id=contact.id)
        self.assertEqual(self._found(lead), {'duplicate'})
        other.user_id = self.leaver
        self.assertEqual(self._found(lead), set())
        other.write({'user_id': self.heir.id, 'active': False})
        self.assertEqual(self._found(lead), set(), "A lost one is none")

    def test_other_salesperson(self):
        self.customer.user_id = self.heir
        lead = self._create_bad(partner_id=self.customer.id)
        self.assertEqual(self._found(lead), {'other_salesperson'})
        self.customer.user_id = self.leaver
        self.assertEqual(self._found(lead), set())

    def test_meetings(self):
        lead = self._create_bad()
        start = fields.Datetime.now() + timedelta(days=2)
        meeting = self.env['calendar.event'].create({
            'name': "Meeting",
            'start': start,
            'stop': start + timedelta(hours=1),
            'user_id': self.leaver.id,
            'opportunity_id': lead.id,
        })
        self.assertEqual(self._found(lead), {'meetings'})
        meeting.user_id = self.heir
        self.assertEqual(self._found(lead), set())

    def test_key_account(self):
        lead = self._create_bad(expected_revenue=90_000, partner_id=self.customer.id)
        contacts = self.env['res.partner'].create([
            {'name': "Ann", 'parent_id': self.customer.id},
            {'name': "Bob", 'parent_id': self.customer.id},
        ])
        self.assertEqual(self._found(lead) & {'key_account'}, set())
        contacts[1].active = False
        self.assertEqual(self._found(lead) & {'key_account'}, {'key_account'})

    def test_archived_salesperson(self):
        lead = self._create_bad()
        self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", [self.leaver.id])
        self.env.invalidate_all()
        self.assertIn('archived_owner', self._found(lead, self._create_handover(lead)))

    def test_fixed_and_found_again(self):
        lead = self._create_bad(expected_revenue=0)
        handover = self._create_handover(lead)
        finding = handover.finding_ids
        self.assertEqual((finding.state, handover.open_finding_count), ('open', 1))
        lead.expected_revenue = 500
        handover.action_audit()
        self.assertEqual((finding.state, handover.open_finding_count), ('fixed', 0))
        lead.expected_revenue = 0
        handover.action_audit()
        self.assertEqual(handover.finding_ids, finding)
        self.assertEqual(finding.state, 'open')

    def test_blocking_findings_hold_up_the_start(self):
        lead = self._create_bad(email_from=False, phone=False)
        handover = self._create_handover(lead)
        self.assertEqual(handover.blocking_finding_count, 1)
        with self.assertRaisesRegex(UserError, "Bad: Neither phone nor e-mail"):
            handover.action_start()
        finding = handover.finding_ids.filtered('line_id')
        with self.assertRaises(ValidationError):
            finding.write({'is_waived': True, 'waive_reason': "  "})
        finding.write({'is_waived': True, 'waive_reason': "They come to the shop"})
        self.assertEqual(finding.waived_by_id, self.user_sales_manager)
        handover.action_start()
        self.assertEqual(lead.user_id, self.heir)
        self.assertEqual(finding.state, 'waived', "The result is kept")

    def test_audit_at_the_start_finds_what_is_new(self):
        lead = self._create_bad()
        handover = self._create_handover(lead)
        lead.write({'email_from': False, 'phone': False})
        with self.assertRaises(UserError):
            handover.action_start()

    def test_own_check_by_conditions(self):
        self.env['crm.pipeline.check'].with_user(self.user_sales_manager).create({
            'name': "Name too short",
            'domain': "[('name', '=like', '___')]",
        })
        handover = self._create_handover(self._create_bad())
        self.assertEqual(handover.finding_ids.mapped('display_name'), ["Name too short"])

    def test_check_that_cannot_be_used(self):
        for domain in (
            '[]',
            "[('no_such_field', '=', 1)]",
            "[('name', '=', nothing)]",
            "__import__('os').getcwd()",
            "name = 1",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.env['crm.pipeline.check'].create({'name': "Wrong", 'domain': domain})

    def test_findings_are_written_by_the_audit_alone(self):
        handover = self._create_handover(self._create_bad(expected_revenue=0))
        finding = handover.finding_ids
        for values in ({'severity': 'info'}, {'is_fixed': True}, {'waived_by_id': self.heir.id}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                finding.write(values)
        with self.assertRaises(AccessError):
            finding.unlink()
        with self.assertRaises(AccessError):
            handover.write({
                'line_ids': [
                    (
                        1,
                        finding.line_id.id,
                        {
                            'finding_ids': [(0, 0, {'check_name': "Made up", 'severity': 'info'})],
                        },
                    )
                ]
            })

    def test_one_query_a_check(self):
        counts = []
        # The first run fills Odoo's caches.
        for size in (5, 5, 60):
            leads = self.env['crm.lead'].browse()
            for number in range(size):
                leads += self._create_leaver_opportunity(f"No {number}", partner_id=False)
            self.env.flush_all()
            for check in self.checks:
                self.env.invalidate_all()
                check.read(['code', 'domain', 'parameter'])
                # The time zone of this user defines today.
                self.env.user.fetch(['tz', 'lang'])
                self.env.user.partner_id.fetch(['tz', 'lang'])
                before = self.env.cr.sql_log_count
                check._find(leads)
                counts.append((check.name, self.env.cr.sql_log_count - before))
        number = len(self.checks)
        self.assertEqual(counts[number : 2 * number], counts[2 * number :])
