"""Test when an opportunity is stalled, and which contacts end the silence."""

from datetime import datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TestStallCommon


@tagged('post_install', '-at_install')
class TestStallClocks(TestStallCommon):
    """Check both clocks."""

    def assertStalled(self, lead, days, stalled, hours=0):
        """Assert whether opportunities are stalled, by the field and by both searches."""
        Lead = lead.browse()
        with self._at(days, hours):
            self.assertEqual(lead.is_stalled, stalled, f"after {days} days")
            self.assertEqual(bool(lead.stall_explanation), stalled)
            domain = [('id', '=', lead.id)]
            found = Lead.search([*domain, ('is_stalled', '=', True)])
            self.assertEqual(bool(found), stalled)
            self.assertNotEqual(Lead.search([*domain, ('is_stalled', '=', False)]), found)
            self.assertEqual(Lead.search([*domain, ('is_stalled', '!=', True)]), lead - found)
            self.assertEqual(Lead.search([*domain, ('is_stalled', 'in', [True, False])]), lead)

    def _use_working_days(self, tz):
        """Let the companies count the days from Monday to Friday, in a time zone."""
        self.companies.write({'stall_calendar': 'working'})
        for company in self.companies:
            company.resource_calendar_id = self.env['resource.calendar'].create({
                'name': "Monday to Friday",
                'company_id': company.id,
                'tz': tz,
            })

    def _create_at(self, days, **values):
        with self._at(days):
            return self._create_opportunity(**values)

    # === TIME IN STAGE === #

    def test_time_in_stage(self):
        self._without_silence()
        lead = self._create_at(0)
        self.assertStalled(lead, 10, False)
        self.assertStalled(lead, 10, True, hours=1)
        # Odoo's own search leaves out opportunities that are in their stage for over a year.
        self.assertStalled(lead, 5_000, True)

    def test_company_threshold_where_the_stage_has_none(self):
        self._without_silence()
        lead = self._create_at(0, stage_id=self.stage_late.id)
        self.assertStalled(lead, 29, False)
        self.assertStalled(lead, 31, True)
        self.companies.stall_age_days = 0
        self.assertStalled(lead, 31, False)

    def test_each_company_has_its_own(self):
        self._without_silence()
        company = self.env['res.company'].create({'name': "Patient", 'stall_age_days': 90})
        self.env.user.company_ids += company
        lead = self._create_at(
            0, stage_id=self.stage_late.id, company_id=company.id, team_id=False, user_id=False
        )
        self.assertEqual(lead.company_id, company)
        company.stall_silence_days = 0
        self.assertStalled(lead, 89, False)
        self.assertStalled(lead, 91, True)

    def test_out_of_the_box(self):
        """A new company has default thresholds for both clocks."""
        company = self.env['res.company'].create({'name': "New"})
        self.assertEqual((company.stall_age_days, company.stall_silence_days), (30, 14))

    def test_moving_restarts_the_clock_and_a_handover_does_not(self):
        self._without_silence()
        lead = self._create_at(0)
        with self._at(8):
            lead.user_id = self.user_sales_salesman
        self.assertStalled(lead, 11, True)
        with self._at(12):
            lead.stage_id = self.stage_late
        self.assertStalled(lead, 13, False)
        self.assertStalled(lead, 43, True)

    def test_what_never_stalls(self):
        lead = self._create_at(0)
        with self._at(1):
            lead.action_set_won()
        self.assertStalled(lead, 100, False)
        with self._at(1):
            unqualified = self.env['crm.lead'].create({'name': "Web form", 'type': 'lead'})
        self.assertStalled(unqualified, 100, False)
        lost = self._create_at(0)
        with self._at(1):
            lost.action_set_lost()
        self.assertStalled(lost.with_context(active_test=False), 100, False)

    def test_stage_without_alerts(self):
        lead = self._create_at(0)
        self.stage_open.has_stall_alerts = False
        self.assertStalled(lead, 100, False)

    def test_negative_days_are_refused(self):
        for record, field in (
            (self.stage_open, 'silence_threshold_days'),
            (self.companies[0], 'stall_age_days'),
            (self.companies[0], 'stall_open_alerts_max'),
        ):
            with self.assertRaises(ValidationError):
                record[field] = -1

    # === WORKING DAYS === #

    def test_working_days(self):
        """Ten working days from a Monday end on the second Monday, or later with holidays."""
        self._without_silence()
        self._use_working_days('Asia/Shanghai')
        lead = self._create_at(0)
        # In Shanghai it is Sunday, 23:00, and an hour later Monday.
        self.assertStalled(lead, 13, False, hours=6)
        self.assertStalled(lead, 13, True, hours=7)
        for company in self.companies:
            self.env['resource.calendar.leaves'].create({
                'name': "Public holiday",
                'company_id': company.id,
                'calendar_id': company.resource_calendar_id.id,
                'date_from': datetime(2024, 3, 5, 16),
                'date_to': datetime(2024, 3, 6, 15, 59),
            })
        self.assertStalled(lead, 13, False, hours=7)
        self.assertStalled(lead, 14, True, hours=7)

    def test_holidays_of_another_company(self):
        """A holiday for all calendars of another company is a working day here."""
        company, other = self.companies[0], self.env['res.company'].create({'name': "Other"})
        company.stall_calendar = 'working'
        company.resource_calendar_id = self.env['resource.calendar'].create({
            'name': "Monday to Friday",
            'company_id': False,
            'tz': 'UTC',
        })
        with self._at(10):
            before = company._get_stall_cutoff(5)
        for owner, is_off in ((other, False), (company, True)):
            holiday = (
                self
                .env['resource.calendar.leaves']
                .with_company(owner)
                .create({
                    'name': "Public holiday",
                    'calendar_id': False,
                    'date_from': datetime(2024, 3, 11),
                    'date_to': datetime(2024, 3, 12, 23, 59),
                })
            )
            self.assertEqual(holiday.company_id, owner)
            with self._at(10):
                self.assertEqual(company._get_stall_cutoff(5) < before, is_off)

    def test_working_days_in_words(self):
        """The text counts as the clock does: what is over has more days than are allowed."""
        self._without_silence()
        self._use_working_days('UTC')
        # Monday, Friday and the Saturday after
        leads = [self._create_at(day) for day in (0, 4, 5)]
        for day in range(6, 40):
            with self._at(day):
                for lead in leads:
                    lead.invalidate_recordset(['is_stalled', 'stall_explanation'])
                    [(days, is_working)] = lead._count_stall_days([(lead.id, lead.create_date)])
                    self.assertTrue(is_working)
                    self.assertEqual(lead.is_stalled, days > 10, (day, lead.create_date))
                    if lead.is_stalled:
                        self.assertEqual(
                            lead.stall_explanation,
                            f"In this stage for {days} working days (allowed: 10).",
                        )
        # Ten working days, of which the Monday is the first, end on the Friday of the second week.
        for lead, first in zip(leads, (14, 18, 21), strict=True):
            self.assertStalled(lead, first - 1, False)
            self.assertStalled(lead, first, True)

    def test_no_working_schedule_is_calendar_days(self):
        self.companies.write({'stall_calendar': 'working', 'resource_calendar_id': False})
        with self._at(0):
            self.assertEqual(
                self.companies[0]._get_stall_cutoff(3), self.monday - timedelta(days=3)
            )

    # === SILENCE === #

    def _silent(self):
        """Create an opportunity without contacts since day 0, which is stalled on day 6."""
        self.stage_open.rotting_threshold_days = 1_000
        lead = self._create_at(0)
        self.assertStalled(lead, 5, False)
        self.assertStalled(lead, 6, True)
        return lead

    def assertContact(self, lead, is_contact):
        """Assert whether an event of day 3 ended the silence."""
        self.assertStalled(lead, 6, not is_contact)
        self.assertStalled(lead, 9, True)

    def _post(self, lead, user=None, **values):
        with self._at(3), self.mock_mail_gateway():
            return lead.with_user(user or self.user_sales_leads).message_post(
                body="Hello", **{'message_type': 'comment', **values}
            )

    def test_email_to_the_customer(self):
        lead = self._silent()
        self._post(lead, subtype_xmlid='mail.mt_comment', partner_ids=self.contact_1.ids)
        self.assertContact(lead, True)

    def test_email_that_did_not_arrive(self):
        lead = self._silent()
        message = self._post(lead, subtype_xmlid='mail.mt_comment', partner_ids=self.contact_1.ids)
        message.sudo().notification_ids.notification_status = 'bounce'
        self.assertContact(lead, False)

    def test_internal_note(self):
        lead = self._silent()
        self._post(lead, subtype_xmlid='mail.mt_note')
        self.assertContact(lead, False)

    def test_note_that_mentions_a_colleague(self):
        lead = self._silent()
        partner_ids = self.user_sales_manager.partner_id.ids
        self._post(lead, subtype_xmlid='mail.mt_note', partner_ids=partner_ids)
        self.assertContact(lead, False)

    def test_comment_that_only_colleagues_got(self):
        lead = self._silent()
        partner_ids = self.user_sales_manager.partner_id.ids
        self._post(lead, subtype_xmlid='mail.mt_comment', partner_ids=partner_ids)
        self.assertContact(lead, False)

    def test_email_from_the_customer(self):
        lead = self._silent()
        with self._at(3), self.mock_mail_gateway():
            lead.message_post(
                body="Yes",
                message_type='email',
                author_id=self.contact_1.id,
                subtype_xmlid='mail.mt_comment',
            )
        self.assertContact(lead, True)

    def test_email_from_somebody_unknown(self):
        lead = self._silent()
        with self._at(3), self.mock_mail_gateway():
            lead.message_post(
                body="Yes",
                message_type='email',
                author_id=False,
                email_from="somebody@example.com",
                subtype_xmlid='mail.mt_comment',
            )
        self.assertContact(lead, True)

    def test_system_messages(self):
        lead = self._silent()
        for message_type in ('notification', 'auto_comment', 'out_of_office'):
            self._post(
                lead,
                message_type=message_type,
                subtype_xmlid='mail.mt_comment',
                partner_ids=self.contact_1.ids,
            )
        self.assertContact(lead, False)

    def _do_activity(self, lead, activity_type):
        with self._at(3):
            lead.activity_schedule(
                activity_type_id=activity_type.id, user_id=self.user_sales_leads.id
            ).with_user(self.user_sales_leads).action_done()

    def test_call_that_was_made(self):
        lead = self._silent()
        self._do_activity(lead, self.call_type)
        self.assertContact(lead, True)

    def test_todo_that_was_done(self):
        lead = self._silent()
        self._do_activity(lead, self.todo_type)
        self.assertContact(lead, False)

    def test_activity_type_of_ones_own(self):
        lead = self._silent()
        self._do_activity(
            lead, self.env['mail.activity.type'].create({'name': "Visit", 'contact_kind': 'visit'})
        )
        self.assertContact(lead, True)

    def test_call_that_is_only_planned(self):
        lead = self._silent()
        with self._at(3):
            lead.activity_schedule(
                activity_type_id=self.call_type.id, user_id=self.user_sales_leads.id
            )
        self.assertContact(lead, False)

    def _create_meeting(self, lead, days):
        start = self.monday + timedelta(days=days)
        with self._at(1):
            return self.env['calendar.event'].create({
                'name': "Lunch",
                'start': start,
                'stop': start + timedelta(hours=1),
                'opportunity_id': lead.id,
            })

    def test_meeting(self):
        lead = self._silent()
        self._create_meeting(lead, 3)
        self.assertContact(lead, True)

    def test_meeting_to_come(self):
        lead = self._silent()
        self._create_meeting(lead, 7)
        self.assertStalled(lead, 6, True)
        self.assertStalled(lead, 8, False)

    def test_meeting_that_was_cancelled(self):
        lead = self._silent()
        self._create_meeting(lead, 3).active = False
        self.assertContact(lead, False)

    def test_moving_does_not_end_the_silence(self):
        lead = self._silent()
        self.stage_late.silence_threshold_days = 5
        with self._at(5):
            lead.stage_id = self.stage_late
        self.assertStalled(lead, 6, True)

    def test_kinds_of_activity_types(self):
        meeting = self.env.ref('mail.mail_activity_data_meeting')
        email = self.env.ref('mail.mail_activity_data_email')
        self.assertEqual(
            (self.call_type + meeting + email).mapped('contact_kind'), ['call', 'meeting', 'email']
        )
        self.assertFalse((self.todo_type + self.stalled_type).filtered('contact_kind'))
        # The choice of a user stays.
        self.todo_type.contact_kind = 'other'
        self.todo_type.name = "Something to do"
        self.assertEqual(self.todo_type.contact_kind, 'other')

    # === MANY === #

    def test_explanation(self):
        lead = self._create_at(0)
        with self._at(12):
            self.assertEqual(
                lead.stall_explanation,
                "In this stage for 12 days (allowed: 10). "
                "No contact with the customer for 12 days (allowed: 5).",
            )

    def test_as_many_queries_for_many(self):
        with self._at(0):
            leads = self.env['crm.lead'].concat(*(self._create_opportunity() for _n in range(20)))
        with self._at(20):
            counts = []
            leads[:1].mapped('is_stalled')  # Fill the caches.
            for some in (leads[:2], leads):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertEqual(some.mapped('is_stalled'), [True] * len(some))
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
