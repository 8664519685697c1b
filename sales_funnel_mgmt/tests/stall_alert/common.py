"""Provide thresholds and helpers for the tests of stall alerts."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from ..common import TestQuotaRateCommon


class TestStallCommon(TestQuotaRateCommon):
    """Common class for the funnel of `TestQuotaRateCommon` on Monday, 4 March 2024, 09:00.

    The stages have these thresholds:

    STAGE----------DAYS IN STAGE----DAYS OF SILENCE
    stage_open     10               5
    stage_late     company: 30      company: 14

    Other opportunities in the database are newer and not stalled at that time. user_sales_leads is
    the salesperson, and user_sales_manager leads the team.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monday = datetime(2024, 3, 4, 9, 0)
        cls.stage_open.write({'rotting_threshold_days': 10, 'silence_threshold_days': 5})
        cls.companies = cls.env['res.company'].with_context(active_test=False).search([])
        cls.companies.write({
            'stall_age_days': 30,
            'stall_silence_days': 14,
            'stall_calendar': 'calendar',
            'stall_escalation_days': 7,
            'stall_grace_days': 0,
            'stall_open_alerts_max': 0,
            'stall_fallback_user_id': False,
        })
        cls.Alert = cls.env['crm.stall.alert']
        cls.stalled_type = cls.env.ref('sales_funnel_mgmt.mail_activity_type_stalled')
        cls.call_type = cls.env.ref('mail.mail_activity_data_call')
        cls.todo_type = cls.env.ref('mail.mail_activity_data_todo')

    @contextmanager
    def _at(self, days, hours=0):
        """Freeze the time a number of days after that Monday, and flush the changes within it."""
        with self.mock_datetime_and_now(self.monday + timedelta(days=days, hours=hours)):
            self.env.invalidate_all()
            yield
            self.env.flush_all()
        self.env.invalidate_all()

    @classmethod
    def _without_silence(cls):
        """Switch the clock of silence off."""
        cls.companies.stall_silence_days = 0
        cls.stage_open.silence_threshold_days = 0

    def _run(self, days, hours=0):
        # As at the end of a transaction: the run has one of its own, and the contacts follow then.
        self.env.cr.flush()
        with self._at(days, hours), self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref('sales_funnel_mgmt.ir_cron_stall_alerts').sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _alerts(self, leads):
        return self.Alert.search([('lead_id', 'in', leads.ids)], order='lead_id, clock')

    def _activities(self, leads, **values):
        domain = [
            ('res_model', '=', 'crm.lead'),
            ('res_id', 'in', leads.ids),
            ('activity_type_id', '=', self.stalled_type.id),
        ]
        return self.env['mail.activity'].search([
            *domain,
            *((name, '=', value) for name, value in values.items()),
        ])

    def assertStates(self, leads, *states):
        """Assert the states of the alerts, time in stage before silence."""
        self.assertEqual(self._alerts(leads).mapped('state'), list(states))
