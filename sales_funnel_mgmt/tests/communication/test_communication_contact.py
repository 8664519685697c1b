"""Test which messages, activities and meetings are contacts, and on which day they count."""

from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.communication.crm_communication import _logger
from .common import TestCommunicationCommon

CUSTOMER = '"Amy Wong" <amy@customer.example.net>'
STRANGER = '"Nina" <nina@stranger.example.net>'


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationContact(TestCommunicationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact_1.email = CUSTOMER
        cls.own_domain = cls.env['mail.alias.domain'].create({'name': 'ours.example.org'})
        cls.customer_user = {
            'login': 'customer',
            'group_ids': cls.env.ref('base.group_user').ids,
        }

    def _out(self, moment, kind='email', user=None):
        return (moment, "Spaceship", kind, 'out', user or self.lea, self.lea, self.stage_open)

    def _in(self, moment):
        return (moment, "Spaceship", 'email', 'in', self.lea, self.lea, self.stage_open)

    def _become_user(self):
        self.env['res.users'].create({**self.customer_user, 'partner_id': self.contact_1.id})
        self.env.cr.flush()

    # === Who wrote it === #

    def test_headers_of_programs(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        for headers in (
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated; owner-email=amy@customer.example.net",
            "auto-submitted: Auto-Notified (vacation)",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "X-Autoreply: yes",
            "X-Autorespond: Re",
            "X-Autoresponder: on",
            "Precedence: bulk",
            "Precedence: junk",
            "Precedence: list",
            "Precedence: Auto_Reply",
            "List-Id: News <news.customer.example.net>",
            "List-Unsubscribe: <mailto:leave@customer.example.net>",
            "Return-Path: <>",
        ):
            with self.subTest(headers=headers):
                self._receive_email("03 09:00", email, CUSTOMER, headers=headers)
                message = self.ship.message_ids.sorted()[0]
                self.assertTrue(message.is_automatic)
                self.assertCommunications(self._out("02 09:00"))

    def test_headers_of_people(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        expected = [self._out("02 09:00")]
        for hour, headers in enumerate(
            (
                "Auto-Submitted: no",
                "Auto-Submitted: No; reason=none",
                "X-Autoreply: no",
                "Precedence: first-class",
                "Return-Path: <amy@customer.example.net>",
                # a group of ours that hands on what customers write to it
                "Precedence: list\nList-Id: <sales.ours.example.org>\nList-Post: <x>",
            ),
            10,
        ):
            self._receive_email(f"03 {hour}:00", email, CUSTOMER, headers=headers)
            expected.append(self._in(f"03 {hour}:00"))
        self.assertCommunications(*expected)

    def test_a_program_in_our_mail_client(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email(
            "03 09:00",
            email,
            self.lea.email_formatted,
            to=f"{CUSTOMER}, info@ours.example.org",
            headers="Auto-Submitted: auto-replied",
        )
        self.assertCommunications(self._out("02 09:00"))

    def test_only_the_system_says_that_a_program_wrote_it(self):
        with self.assertRaises(AccessError):
            self.ship.with_user(self.lea).message_post(body="Hello", is_automatic=True)
        email = self._write_email("02 09:00", self.ship, self.lea)
        with self.assertRaises(AccessError):
            email.with_user(self.lea).write({'is_automatic': True})

    # === Who got it === #

    def test_mail_client_to_somebody_who_is_no_contact(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        own = f"{self.sam.email}, info@ours.example.org"
        self._receive_email("03 09:00", email, self.lea.email_formatted, to=f"{STRANGER}, {own}")
        self._receive_email(
            "03 10:00", email, self.lea.email_formatted, to=own, headers=f"Cc: {STRANGER}"
        )
        self._receive_email("03 11:00", email, self.lea.email_formatted, to=own)
        self.assertCommunications(
            self._out("02 09:00"), self._out("03 09:00"), self._out("03 10:00")
        )

    def test_own_addresses_are_inside(self):
        """Addresses in an alias domain and second addresses of users are inside."""
        self.lea.partner_id.email = "lea@ours.example.org, lea@private.example.net"
        self.env['res.partner'].create({
            'name': "Sam at home",
            'parent_id': self.sam.partner_id.id,
            'type': 'other',
            'email': "sam@home.example.net",
        })
        office = self.env['res.partner'].create({
            'name': "Office",
            'email': "office@ours.example.org",
        })
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._write_email("02 10:00", self.ship, self.lea, office)
        self._write_email("02 11:00", self.ship, self.lea, office + self.contact_1)
        # from a second address: to a customer it went out, to colleagues it is nothing
        to = "office@ours.example.org, sam@home.example.net, lea@private.example.net"
        self._receive_email("03 09:00", email, "lea@private.example.net", to=to)
        self._receive_email("03 10:00", email, "lea@private.example.net", to=f"{to}, {STRANGER}")
        self._receive_email("03 11:00", email, "sam@home.example.net", to=f"{to}, {STRANGER}")
        self.assertCommunications(
            self._out("02 09:00"),
            self._out("02 11:00"),
            self._out("03 10:00"),
            self._out("03 11:00", user=self.sam),
        )

    def test_a_public_provider_is_nobodys_domain(self):
        self.env['mail.alias.domain'].create({'name': 'gmail.com'})
        self.contact_1.email = "amy.wong@gmail.com"
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("03 09:00", email, "amy.wong@gmail.com")
        self.assertCommunications(self._out("02 09:00"), self._in("03 09:00"))

    def test_to_an_address_without_contact(self):
        self._write_email(
            "02 09:00",
            self.ship,
            self.lea,
            self.env['res.partner'],
            outgoing_email_to="nina@stranger.example.net",
        )
        self._write_email(
            "02 10:00",
            self.ship,
            self.lea,
            self.env['res.partner'],
            outgoing_email_to="office@ours.example.org",
        )
        self.assertCommunications(self._out("02 09:00"))

    def test_notes_that_leave_the_company_or_come_from_outside(self):
        with self._at("02 09:00"), self.mock_mail_gateway():
            note = self.ship.with_user(self.lea).message_post(
                body="Please call me",
                message_type='comment',
                partner_ids=self.contact_1.ids,
            )
            self.ship.with_user(self.lea).message_post(
                body="Please call them",
                message_type='comment',
                partner_ids=self.sam.partner_id.ids,
            )
        self.assertTrue(note.subtype_id.internal)
        self._receive_email("03 09:00", note, CUSTOMER)
        answer = self.ship.message_ids.sorted()[0]
        self.assertTrue(answer.is_internal)
        self.assertCommunications(self._out("02 09:00"), self._in("03 09:00"))

    def test_undelivered_by_any_channel(self):
        def post(moment, message_type, **values):
            with self._at(moment), self.mock_mail_gateway():
                return self.ship.with_user(self.lea).message_post(
                    body="Hello",
                    message_type=message_type,
                    subtype_xmlid='mail.mt_note',
                    **values,
                )

        def deliver(message, status):
            self.env['mail.notification'].sudo().search([
                ('mail_message_id', '=', message.id),
                ('res_partner_id', '=', self.contact_1.id),
            ]).unlink()
            self.env['mail.notification'].sudo().create({
                'mail_message_id': message.id,
                'res_partner_id': self.contact_1.id,
                'notification_type': 'email',
                'notification_status': status,
            })
            self.env.cr.flush()

        message_type = self.env['mail.message']._fields['message_type']
        text_types = {'sms', 'whatsapp_message'} & set(message_type.get_values(self.env))
        for hour, kind in enumerate(sorted(text_types | {'email'}), 10):
            with self.subTest(kind=kind):
                message = post(f"02 {hour}:00", kind, partner_ids=self.contact_1.ids)
                row = self._out(f"02 {hour}:00", 'email' if kind == 'email' else 'message')
                for status in ('sent', 'bounce', 'pending', 'exception', 'canceled'):
                    deliver(message, status)
                    failed = status not in ('sent', 'pending')
                    self.assertCommunications(*[row] * (not failed))
                self.env.flush_all()

    # === When it was === #

    def test_an_email_counts_when_it_came(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        for hour, date in enumerate(
            (
                "Mon, 18 Jan 2038 03:14:07 +0000",
                "Wed, 04 Mar 2026 09:00:00 +0000",
                "Thu, 01 Jan 1970 00:00:00 +0000",
                "Mon, 16 Feb 2026 09:00:00 +0000",
                "yesterday, or so",
            ),
            10,
        ):
            self._receive_email(f"03 {hour}:00", email, CUSTOMER, date=date)
        # on the way for a night
        self._receive_email("05 09:00", email, CUSTOMER, date="Wed, 04 Mar 2026 20:00:00 +0000")
        rows = self._report()
        self.assertEqual(
            [row[0] for row in rows[1:-1] if row[0] != "03 14:00"],
            [f"03 {hour}:00" for hour in range(10, 14)],
        )
        self.assertEqual(rows[-1][0], "04 20:00")

    def test_internal_posts_keep_their_date(self):
        with self._at("20 09:00"), self.mock_mail_gateway():
            self.ship.with_user(self.lea).message_post(
                body="From the archive",
                message_type='comment',
                subtype_xmlid='mail.mt_comment',
                partner_ids=self.contact_1.ids,
                date=datetime(2026, 3, 3, 9, 0),
            )
        self.assertCommunications(self._out("03 09:00"))

    def _meet_all_day(self):
        """Return an all-day meeting about an opportunity, on 4 and 5 March."""
        return self._meet(
            "04 08:00",
            self.ship,
            self.lea,
            allday=True,
            start_date='2026-03-04',
            stop_date='2026-03-05',
        )

    def test_all_day_meeting(self):
        """An all-day meeting begins in the time zone of the company, not in that of the reader."""
        for tz, moment in (
            ('Asia/Shanghai', "04 00:00"),
            ('America/Los_Angeles', "04 16:00"),
            ('UTC', "04 08:00"),
        ):
            with self.subTest(tz=tz):
                self.env.company.sales_tz = tz
                meeting = self._meet_all_day()
                self.assertCommunications(self._out(moment, 'meeting'))
                self.assertCommunications(now="03 12:00")
                meeting.unlink()

    def test_all_day_meeting_keeps_its_day(self):
        """The time zone of the company is corrected: the meeting was on that day all the same."""
        self.env.company.sales_tz = 'UTC'
        self._meet_all_day()
        self.assertCommunications(self._out("04 08:00", 'meeting'))
        self.env.company.sales_tz = 'America/Los_Angeles'
        self.env['crm.communication']._update_pending()
        self.env.invalidate_all()
        self.assertCommunications(self._out("04 16:00", 'meeting'))
        self.env['crm.communication']._rebuild()
        self.assertCommunications(self._out("04 16:00", 'meeting'))

    # === What was true then === #

    def test_email_and_its_activity_once_the_customer_is_a_user(self):
        self._write_email("02 09:00", self.ship, self.lea)
        self._do("02 10:00", self.ship, self.email, self.lea)
        self._become_user()
        self._do("03 10:00", self.ship, self.call, self.lea)
        expected = (self._out("02 09:00"), self._out("03 10:00", 'call'))
        self.assertCommunications(*expected)
        self.env['crm.communication']._rebuild()
        self.assertCommunications(*expected)

    def test_delivery_once_the_customer_is_a_user(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("02 10:00", email, CUSTOMER)
        self._receive_email("02 11:00", email, self.lea.email_formatted, to=CUSTOMER)
        expected = (self._out("02 09:00"), self._in("02 10:00"), self._out("02 11:00"))
        self.assertCommunications(*expected)
        self._become_user()
        email.notification_ids.sudo().notification_status = 'pending'
        self.env.cr.flush()
        self.env['crm.communication']._rebuild()
        self.assertCommunications(*expected)

    def test_salesperson_becomes_a_portal_user(self):
        leaver = self.lea.copy({'login': "leaver", 'email': "leaver@ours.example.org"})
        self._write_email("02 09:00", self.ship, leaver)
        with self._at("05 09:00"):
            leaver.group_ids = [Command.set(self.env.ref('base.group_portal').ids)]
        self.assertTrue(leaver.share)
        self.env.cr.flush()
        self.env['crm.communication']._rebuild()
        self.assertCommunications(self._out("02 09:00", user=leaver))

    # === Activities === #

    def test_two_meeting_activities_of_which_one_is_in_the_calendar(self):
        with self._at("03 09:00"):
            planned = self._plan(self.ship, self.meeting, self.lea)
        self._meet("04 10:00", self.ship, self.lea, activity_ids=[Command.set(planned.ids)])
        self._do("04 11:00", self.ship, self.meeting, self.sam)
        with self._at("04 12:00"):
            planned.with_user(self.lea).action_feedback()
        expected = (
            self._out("04 10:00", 'meeting'),
            self._out("04 11:00", 'meeting', user=self.sam),
        )
        self.assertCommunications(*expected)
        self._do("04 13:00", self.ship, self.meeting, self.lea)
        self.assertCommunications(*expected, self._out("04 13:00", 'meeting'))

    def test_two_email_activities_beside_one_email(self):
        self._write_email("02 09:00", self.ship, self.lea)
        for moment in ("02 10:00", "02 11:00"):
            self._do(moment, self.ship, self.email, self.lea)
        self._write_email("03 09:30", self.ship, self.lea)
        self._do("03 09:45", self.ship, self.email, self.lea)
        self.assertCommunications(
            self._out("02 09:00"), self._out("02 11:00"), self._out("03 09:30")
        )

    # === Merging === #

    def test_merged_opportunities_keep_salesperson_and_stage(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("02 10:00", email, CUSTOMER)
        self._meet("05 10:00", self.ship, self.lea)
        self._meet("20 10:00", self.ship, self.lea)
        with self._at("02 12:00"):
            self.boat.stage_id = self.stage_late
        self.env.cr.flush()
        before = self._report(leads=self.ship, now="09 12:00")
        with self._at("10 09:00"):
            (self.boat + self.ship).merge_opportunity(user_id=self.sam.id, auto_unlink=True)
            self.env.cr.flush()
        survivor = (self.boat + self.ship).exists()
        self.assertEqual(survivor, self.boat)
        after = self._report(leads=survivor, now="11 12:00")
        self.assertEqual(
            [(row[0], *row[2:]) for row in after], [(row[0], *row[2:]) for row in before]
        )
        self.env['crm.communication']._rebuild()
        self.assertEqual(self._report(leads=survivor, now="11 12:00"), after)
        # what is still to come is the survivor's
        self.assertEqual(
            self._report(leads=survivor)[-1],
            ("20 10:00", "Boat", 'meeting', 'out', self.lea, self.sam, self.stage_late),
        )

    # === Silence === #

    def test_silence(self):
        """Stall alerts read the same contacts."""
        self.stage_open.silence_threshold_days = 10
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("10 09:00", email, CUSTOMER, date="Mon, 18 Jan 2038 03:14:07 +0000")
        self._receive_email("15 09:00", email, CUSTOMER, headers="Auto-Submitted: auto-replied")
        for moment, is_stalled in (("19 12:00", False), ("21 12:00", True)):
            with self._at(moment):
                self.env.invalidate_all()
                self.assertEqual(self.ship.is_stalled, is_stalled)

    # === Repair === #

    def test_repair(self):
        """The repair recounts what earlier versions counted wrongly, as far as stored data allow it."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("03 09:00", email, CUSTOMER)
        self.env.cr.flush()
        expected = self._report()
        self.env.cr.execute(
            "UPDATE crm_communication SET date = '2038-01-18' WHERE lead_id = %s AND direction = 'in'",
            [self.ship.id],
        )
        self.env.cr.execute(
            "DELETE FROM crm_communication WHERE lead_id = %s AND direction = 'out'",
            [self.ship.id],
        )
        self.env.invalidate_all()
        with patch.object(_logger, 'info') as log:
            self.assertEqual(self.env['crm.communication']._repair_contacts(), 2)
        self.assertEqual(log.call_args.args[-1], 2)
        self.assertCommunications(*expected)
        self.assertEqual(self.env['crm.communication']._repair_contacts(), 0)
