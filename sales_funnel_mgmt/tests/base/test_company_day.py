"""Test that the days of figures and limits are those of the company, for all readers."""

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common import TestQuotaRateCommon

# It is 2 June in the company, and still 1 June for a reader in UTC.
NOW = datetime(2026, 6, 1, 20, 0)
COMPANY_ZONE, READER_ZONE = 'Asia/Tokyo', 'America/New_York'


@tagged('post_install', '-at_install')
class TestCompanyDay(TestQuotaRateCommon):
    """A reader of another time zone sees the days of the company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.sales_tz = COMPANY_ZONE
        cls.env['res.company'].create({'name': "Elsewhere", 'sales_tz': READER_ZONE})
        cls.lead = cls._create_opportunity()
        cls.env.flush_all()

    def _in_zone(self, model):
        return self.env[model].with_context(tz=READER_ZONE)

    @freeze_time(NOW.isoformat(' '))
    def test_overdue_activities_of_the_workload(self):
        self.lead.activity_schedule('mail.mail_activity_data_todo', date_deadline=date(2026, 6, 1))
        self.env.flush_all()
        report = self._in_zone('crm.workload.report')
        row = report.search([('lead_id', '=', self.lead.id)])
        self.assertEqual(row.overdue_activity_count, 1)

    @freeze_time(NOW.isoformat(' '))
    def test_overdue_tasks_of_a_handover(self):
        handover = self.env['crm.handover'].create({
            'from_user_id': self.user_sales_leads.id,
            'user_id': self.user_sales_manager.id,
            'line_ids': [
                (0, 0, {'lead_id': self.lead.id, 'to_user_id': self.user_sales_salesman.id})
            ],
        })
        self.assertEqual(handover.planned_date, date(2026, 6, 2))
        handover.action_start()
        line = handover.line_ids
        task = self.lead.activity_schedule(
            'mail.mail_activity_data_todo', date_deadline=date(2026, 6, 1)
        )
        task.handover_line_id = line
        self.env.flush_all()
        in_zone = line.with_context(tz=READER_ZONE)
        [figures] = in_zone._get_progress_figures('handover_id', handover.ids).values()
        self.assertEqual(figures['tasks_overdue'], 1)
        row = self._in_zone('crm.handover.progress.report').search([('id', '=', task.id)])
        self.assertEqual(row.status, 'overdue')

    @freeze_time(NOW.isoformat(' '))
    def test_novices(self):
        member = self.sales_team_1_m1.with_context(tz=READER_ZONE)
        member.crm_team_id.company_id = self.env.company
        self.env.company.novice_months = 6
        member.joined_on = date(2025, 12, 2)
        self.assertEqual(member.seniority, 'senior')

    @freeze_time(NOW.isoformat(' '))
    def test_snooze(self):
        lead = self.lead.with_context(tz=READER_ZONE)
        with self.assertRaises(UserError):
            lead._snooze_stall_alerts(date(2026, 6, 2), "Budget")
        lead._snooze_stall_alerts(date(2026, 6, 3), "Budget")
        wizard = self._in_zone('crm.stall.snooze').new({})
        self.assertEqual(wizard.until, date(2026, 6, 2) + timedelta(days=7))

    def test_days_of_reports(self):
        with freeze_time(NOW):
            lead = self._create_opportunity(name="Late")
            self.env.flush_all()
        with freeze_time(NOW + timedelta(hours=1)):
            lead.user_id = self.user_sales_salesman
            self.env.flush_all()
        domain = [('lead_id', '=', lead.id)]
        with freeze_time(NOW + timedelta(days=90)):
            for model in (
                'crm.salesperson.change.report',
                'crm.stalled.report',
                'crm.funnel.cohort.report',
            ):
                report = self._in_zone(model).with_context(
                    report_period_from='2026-06-01', report_period_to='2026-06-30'
                )
                days = [day for day, _count in report._read_group(domain, ['day:day'], ['__count'])]
                self.assertEqual(days, [date(2026, 6, 2)], model)
                of_day = [*domain, ('day', '>=', '2026-06-02'), ('day', '<', '2026-06-03')]
                self.assertTrue(report.search_count(of_day), model)
