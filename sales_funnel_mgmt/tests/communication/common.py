"""Provide two opportunities, and all ways to log a contact."""

from contextlib import contextmanager
from datetime import datetime

from odoo.addons.crm.tests.common import TestCrmCommon

EMAIL = """From: {sender}
To: {to}
Subject: Re: Spaceship
Date: {date}
Message-ID: <{number}@example.com>
In-Reply-To: {parent}
References: {parent}
{headers}Content-Type: text/plain; charset=utf-8

Hello."""


class TestCommunicationCommon(TestCrmCommon):
    """Common class with two opportunities, two salespeople, and all ways to log a contact at any time.

    OPPORTUNITY--CUSTOMER---------------SALESPERSON
    ship         contact_company_1      user_sales_leads ("Lea")
    boat         contact_2              user_sales_salesman ("Sam")

    Weeks begin on Monday, 2 March 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={'lang': 'en_US', 'tracking_disable': True})
        Stage = cls.env['crm.stage']
        cls.stage_open = Stage.create({'name': "Negotiation", 'sequence': 10})
        cls.stage_late = Stage.create({'name': "Quotation", 'sequence': 20})
        cls.lea = cls.user_sales_leads
        cls.sam = cls.user_sales_salesman
        cls.call = cls.env.ref('mail.mail_activity_data_call')
        cls.todo = cls.env.ref('mail.mail_activity_data_todo')
        cls.meeting = cls.env.ref('mail.mail_activity_data_meeting')
        cls.email = cls.env.ref('mail.mail_activity_data_email')
        cls.visit = cls.env['mail.activity.type'].create({
            'name': "On-Site",
            'contact_kind': 'visit',
        })
        cls.messages_sent = 0

    def setUp(self):
        super().setUp()
        with self._at("02 08:00"):
            self.ship = self._create_opportunity(
                name="Spaceship", user_id=self.lea.id, partner_id=self.contact_1.id
            )
            self.boat = self._create_opportunity(
                name="Boat", user_id=self.sam.id, partner_id=self.contact_2.id
            )

    @contextmanager
    def _at(self, moment):
        """Freeze the time at "day hour:minute" (UTC) of March 2026."""
        with self.mock_datetime_and_now(datetime.strptime(f"2026-03-{moment}", "%Y-%m-%d %H:%M")):
            yield
            self.env.flush_all()

    def _create_opportunity(self, **values):
        return self.env['crm.lead'].create({
            'type': 'opportunity',
            'team_id': self.sales_team_1.id,
            'stage_id': self.stage_open.id,
            **values,
        })

    def _write_email(self, moment, lead, user, partners=None, **values):
        """Send an e-mail from the chatter."""
        with self._at(moment), self.mock_mail_gateway():
            return lead.with_user(user).message_post(
                body="Dear customer",
                message_type='comment',
                subtype_xmlid='mail.mt_comment',
                partner_ids=(lead.partner_id if partners is None else partners).ids,
                **values,
            )

    def _receive_email(
        self, moment, message, sender, to="info@test.example.com", headers="", date=None
    ):
        """Receive an e-mail by Odoo's gateway, as an answer to a message."""
        type(self).messages_sent += 1
        with self._at(moment), self.mock_mail_gateway():
            self.env['mail.thread'].message_process(
                'crm.lead',
                EMAIL.format(
                    sender=sender,
                    to=to,
                    date=date or datetime.now().strftime('%a, %d %b %Y %H:%M:%S +0000'),
                    number=self.messages_sent,
                    parent=message.message_id,
                    headers=headers and f"{headers}\n",
                ),
            )

    def _plan(self, lead, activity_type, user, **values):
        return lead.activity_schedule(activity_type_id=activity_type.id, user_id=user.id, **values)

    def _do(self, moment, lead, activity_type, user, done_by=None):
        """Plan an activity and mark it as done."""
        with self._at(moment):
            activity = self._plan(lead, activity_type, user)
            activity.with_user(done_by or user).action_feedback(feedback="Well done")
        return activity

    def _meet(self, moment, lead, user, attendees=None, planned="02 09:00", **values):
        """Create a meeting in the calendar, linked to an opportunity."""
        start = datetime.strptime(f"2026-03-{moment}", "%Y-%m-%d %H:%M")
        with self._at(planned), self.mock_mail_gateway():
            return (
                self
                .env['calendar.event']
                .with_user(user)
                .create({
                    'name': "Meeting",
                    'start': start,
                    'stop': start.replace(hour=start.hour + 1),
                    'opportunity_id': lead.id,
                    'partner_ids': (user.partner_id + (attendees or lead.partner_id)).ids,
                    **values,
                })
            )

    def _report(self, user=None, leads=None, now="31 12:00", **context):
        """Return the rows as tuples, in the order of time."""
        with self._at(now):
            rows = (
                self
                .env['crm.communication.report']
                .with_user(user or self.user_sales_manager)
                .with_context(**context)
                .search([('lead_id', 'in', (leads or self.ship + self.boat).ids)], order='date, id')
            )
            return [
                (
                    row.date.strftime("%d %H:%M"),
                    row.lead_id.name,
                    row.kind,
                    row.direction,
                    row.user_id,
                    row.owner_id,
                    row.stage_id,
                )
                for row in rows.sudo()
            ]

    def assertCommunications(self, *expected, **options):
        self.assertEqual(self._report(**options), list(expected))
