"""Test the snoozing of stall alerts."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import TestStallCommon


@tagged('post_install', '-at_install')
class TestStallSnooze(TestStallCommon):
    """Snooze an alert with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._without_silence()

    def setUp(self):
        super().setUp()
        with self._at(0):
            self.lead = self._create_opportunity(user_id=self.user_sales_salesman.id)

    def _snooze(self, days, until, reason="Budget in May", user=None, lead=None):
        with self._at(days):
            wizard = (
                self
                .env['crm.stall.snooze']
                .with_user(user or self.user_sales_salesman)
                .create({
                    'lead_ids': (lead or self.lead).ids,
                    'until': (self.monday + timedelta(days=until)).date(),
                    'reason': reason,
                })
            )
            wizard.action_snooze()

    def test_snoozed_until(self):
        self._run(11)
        self._snooze(12, 20)
        alert = self._alerts(self.lead).filtered(lambda alert: alert.clock == 'age')
        self.assertRecordValues(
            alert,
            [
                {
                    'state': 'snoozed',
                    'snooze_reason': "Budget in May",
                    'snoozed_by_id': self.user_sales_salesman.id,
                }
            ],
        )
        self.assertFalse(self._activities(self.lead))
        self.assertIn(
            "Stall alerts snoozed until 03/24/2024: Budget in May",
            self.lead.message_ids[0].body,
        )
        # There is neither an alert nor an escalation.
        self._run(19)
        self.assertFalse(self._activities(self.lead))
        with self._at(19):
            self.assertIn("snoozed until 03/24/2024", self.lead.stall_explanation)
        self._run(20)
        self.assertEqual(alert.state, 'open')
        self.assertFalse(alert.snooze_reason)
        self.assertEqual(self._activities(self.lead).user_id, self.user_sales_salesman)

    def test_snoozed_before_the_clock_has_run_out(self):
        self._snooze(1, 15)
        self._run(11)
        self.assertFalse(self._activities(self.lead))
        with self._at(1):
            self.assertFalse(self.lead.is_stalled)
        self._run(15)
        self.assertEqual(len(self._activities(self.lead)), 1)

    def test_moving_ends_it(self):
        self._run(11)
        self._snooze(12, 60)
        with self._at(13):
            self.lead.stage_id = self.stage_late
        self.assertEqual(set(self._alerts(self.lead).mapped('state')), {'closed'})
        self._run(45)
        self.assertEqual(len(self._activities(self.lead)), 1)

    def test_what_is_refused(self):
        for until, reason in ((12, "Now"), (11, "Past"), (400, "Too long"), (20, " ")):
            with self.subTest(until=until, reason=reason), self.assertRaises(UserError):
                self._snooze(12, until, reason)

    def test_not_those_of_others(self):
        with self._at(0):
            others = self._create_opportunity(user_id=self.user_sales_leads.id)
        with self.assertRaises(AccessError):
            self._snooze(12, 20, lead=others)
        self.assertFalse(self._alerts(others))

    def test_reason_is_text(self):
        self._snooze(12, 20, reason="<img src=x onerror=alert(1)>")
        self.assertNotIn("<img", self.lead.message_ids[0].body)

    def test_several_from_the_list(self):
        with self._at(0):
            more = self.lead + self._create_opportunity(user_id=self.user_sales_salesman.id)
        with self._at(12):
            context = {'active_model': 'crm.lead', 'active_ids': more.ids}
            form = Form(
                self
                .env['crm.stall.snooze']
                .with_user(self.user_sales_salesman)
                .with_context(**context)
            )
            form.reason = "Trade fair"
            form.save().action_snooze()
        self.assertEqual(set(self._alerts(more).mapped('state')), {'snoozed'})
        self.assertEqual(self._alerts(more).lead_id, more)
