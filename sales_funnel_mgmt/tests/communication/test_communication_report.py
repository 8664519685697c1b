"""Test the figures of the report on communications."""

from odoo.fields import Command
from odoo.tests import tagged

from .common import TestCommunicationCommon


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationReport(TestCommunicationCommon):
    """Check which communications count, for whom, and in which stage."""

    def test_a_week_by_hand(self):
        lea, sam, boss = self.lea, self.sam, self.user_sales_manager
        early, late = self.stage_open, self.stage_late
        # Monday: an e-mail, a note, the answer
        email = self._write_email("02 09:00", self.ship, lea)
        with self._at("02 10:00"):
            self.ship.with_user(lea).message_post(body="Hard to please")
        self._receive_email("02 11:00", email, self.contact_1.email_formatted)
        # Tuesday: two calls, one of them marked done by a colleague, and something that is no contact
        self._do("03 09:00", self.ship, self.call, lea)
        self._do("03 10:00", self.ship, self.call, lea, done_by=boss)
        self._do("03 11:00", self.ship, self.todo, lea)
        # Wednesday: on before the change of the stage, between, and after the handover
        self._do("04 08:00", self.ship, self.visit, lea)
        with self._at("04 09:00"):
            self.ship.stage_id = late
        self._do("04 10:00", self.ship, self.call, lea)
        with self._at("04 12:00"):
            self.ship.user_id = sam
        self._do("04 14:00", self.ship, self.call, sam)
        # Thursday: a meeting that the other customer attends too, a cancelled one, one to come
        self._meet("05 15:00", self.ship, lea, self.contact_1 + self.contact_2)
        cancelled = self._meet("05 16:00", self.boat, sam)
        self._meet("05 17:00", self.boat, sam).unlink()
        with self._at("05 08:00"):
            cancelled.action_archive()
        self._meet("31 15:00", self.boat, sam)
        # Friday: a meeting that was planned as an activity, marked done in the evening
        with self._at("05 09:00"):
            activity = self._plan(self.boat, self.meeting, sam)
        self._meet("06 10:00", self.boat, sam, activity_ids=[Command.set(activity.ids)])
        with self._at("06 16:00"):
            activity.with_user(sam).action_feedback()
        # Saturday: lost, and an e-mail all the same
        with self._at("07 10:00"):
            self.boat.action_set_lost()
        self._write_email("07 11:00", self.boat, sam)
        # Sunday before midnight, which is Monday in Shanghai
        self._do("08 23:30", self.ship, self.call, sam)

        self.assertCommunications(
            ("02 09:00", "Spaceship", 'email', 'out', lea, lea, early),
            ("02 11:00", "Spaceship", 'email', 'in', lea, lea, early),
            ("03 09:00", "Spaceship", 'call', 'out', lea, lea, early),
            ("03 10:00", "Spaceship", 'call', 'out', boss, lea, early),
            ("03 11:00", "Spaceship", 'task', 'out', lea, lea, early),
            ("04 08:00", "Spaceship", 'visit', 'out', lea, lea, early),
            ("04 10:00", "Spaceship", 'call', 'out', lea, lea, late),
            ("04 14:00", "Spaceship", 'call', 'out', sam, sam, late),
            ("05 15:00", "Spaceship", 'meeting', 'out', lea, sam, late),
            ("06 10:00", "Boat", 'meeting', 'out', sam, sam, early),
            ("07 11:00", "Boat", 'email', 'out', sam, sam, early),
            ("08 23:30", "Spaceship", 'call', 'out', sam, sam, late),
        )
        with self._at("31 12:00"):
            Report = self.env['crm.communication.report']
            domain = [('lead_id', 'in', (self.ship + self.boat).ids)]
            aggregates = [
                '__count',
                'contact_count:sum',
                'lead_ref:count_distinct',
                'customer_ref:count_distinct',
                'touched_customer_ref:count_distinct',
                'date:max',
            ]
            self.assertCountEqual(
                [
                    (user, stage, *figures, last.strftime("%d %H:%M"))
                    for user, stage, *figures, last in Report._read_group(
                        domain, ['user_id', 'stage_id'], aggregates
                    )
                ],
                [
                    (lea, early, 5, 4, 1, 1, 1, "04 08:00"),
                    (lea, late, 2, 2, 1, 1, 1, "05 15:00"),
                    (sam, early, 2, 2, 1, 1, 1, "07 11:00"),
                    (sam, late, 2, 2, 1, 1, 1, "08 23:30"),
                    (boss, early, 1, 1, 1, 1, 1, "03 10:00"),
                ],
            )
            # The day and the week of the company, whoever reads
            week = [*domain, ('day', '>=', '2026-03-09'), ('day', '<', '2026-03-16')]
            for tz, count in (('UTC', 0), ('Asia/Shanghai', 1), ('America/New_York', 0)):
                self.env.company.sales_tz = tz
                in_tz = Report.with_context(tz='Pacific/Kiritimati')
                self.assertEqual(in_tz.search_count(week), count, tz)
                days = dict(in_tz._read_group(domain, ['day:day'], ['__count']))
                self.assertEqual(sum(days.values()), 12, tz)
                last = max(days)
                self.assertEqual(last.strftime("%d"), "09" if count else "08", tz)

    def test_messages_that_are_none(self):
        lead, lea = self.ship, self.lea
        template = self.env['mail.template'].create({
            'name': "Newsletter",
            'model_id': self.env['ir.model']._get_id('crm.lead'),
            'body_html': "News",
            'partner_to': "{{ object.partner_id.id }}",
        })
        with self._at("03 09:00"), self.mock_mail_gateway():
            # to a colleague alone
            lead.with_user(lea).message_post(
                body="Help!", subtype_xmlid='mail.mt_comment', partner_ids=self.sam.partner_id.ids
            )
            lead.with_user(lea).message_post(body="A note to the customer?", partner_ids=[])
            lead.with_user(lea).message_notify(
                body="Notification", partner_ids=lead.partner_id.ids, subject="-"
            )
            lead.message_post(
                body="Robot",
                subtype_xmlid='mail.mt_comment',
                partner_ids=lead.partner_id.ids,
                message_type='comment',
                author_id=self.env.ref('base.partner_root').id,
            )
            for message_type in ('auto_comment', 'out_of_office', 'notification', 'email_outgoing'):
                lead.with_user(lea).message_post(
                    body="Automatic",
                    message_type=message_type,
                    subtype_xmlid='mail.mt_comment',
                    partner_ids=lead.partner_id.ids,
                )
            template.send_mail_batch(lead.ids)
            lead.with_context(tracking_disable=False).stage_id = self.stage_late
            self.flush_tracking()
            # cancelled is not done
            self._plan(lead, self.call, lea).action_cancel()
            self._plan(lead, self.call, lea)
        self.assertCommunications()

    def test_email_of_a_mail_client(self):
        """An e-mail from a mail program of the salesperson counts, with the opportunity in copy."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email(
            "02 10:00",
            email,
            self.lea.email_formatted,
            to=f"{self.contact_1.email}, info@test.example.com",
        )
        self._receive_email("02 11:00", email, '"A Stranger" <stranger@unknown.example.com>')
        self.assertCommunications(
            ("02 09:00", "Spaceship", 'email', 'out', self.lea, self.lea, self.stage_open),
            ("02 10:00", "Spaceship", 'email', 'out', self.lea, self.lea, self.stage_open),
            ("02 11:00", "Spaceship", 'email', 'in', self.lea, self.lea, self.stage_open),
        )

    def test_undelivered_is_none(self):
        email = self._write_email("02 09:00", self.ship, self.lea)
        email.notification_ids.sudo().notification_status = 'bounce'
        self.assertCommunications()

    def test_email_and_its_activity_are_one(self):
        self._write_email("02 09:00", self.ship, self.lea)
        self._do("02 09:30", self.ship, self.email, self.lea)
        # of another person, or long after: another e-mail, written elsewhere
        self._do("02 10:00", self.ship, self.email, self.sam)
        self._do("04 09:00", self.ship, self.email, self.lea)
        self.assertCommunications(
            ("02 09:00", "Spaceship", 'email', 'out', self.lea, self.lea, self.stage_open),
            ("02 10:00", "Spaceship", 'email', 'out', self.sam, self.lea, self.stage_open),
            ("04 09:00", "Spaceship", 'email', 'out', self.lea, self.lea, self.stage_open),
        )

    def test_meeting_and_its_activity_are_one(self):
        """A meeting counts when it begins, also if it is marked done before.

        If it is cancelled, the done activity counts.
        """
        activities = []
        for day in ("04", "05"):
            with self._at("02 09:00"):
                activity = self._plan(self.ship, self.visit, self.lea)
            self._meet(
                f"{day} 10:00", self.ship, self.lea, activity_ids=[Command.set(activity.ids)]
            )
            activities.append(activity)
        with self._at("03 09:00"):
            activities[0].with_user(self.lea).action_feedback()
        self.assertCommunications(now="03 12:00")
        visit = ("04 10:00", "Spaceship", 'visit', 'out', self.lea, self.lea, self.stage_open)
        self.assertCommunications(visit, now="04 12:00")
        with self._at("05 09:00"):
            activities[1].with_user(self.lea).action_feedback()
            activities[1].calendar_event_id.action_archive()
        self.assertCommunications(
            visit, ("05 09:00", "Spaceship", 'visit', 'out', self.lea, self.lea, self.stage_open)
        )

    def test_meeting_from_the_opportunity(self):
        """A meeting from the button of the opportunity counts once, despite its activity and its note."""
        self._meet(
            "04 10:00",
            self.ship,
            self.lea,
            res_model_id=self.env['ir.model']._get_id('crm.lead'),
            res_id=self.ship.id,
        )
        self.assertTrue(self.ship.activity_ids.calendar_event_id)
        meeting = ("04 10:00", "Spaceship", 'meeting', 'out', self.lea, self.lea, self.stage_open)
        self.assertCommunications(meeting)
        with self._at("04 11:00"):
            self.ship.activity_ids.with_user(self.lea).action_done()
        self.assertCommunications(meeting)

    def test_kind_of_a_meeting_follows_its_activity(self):
        """A meeting gets the kind of its activity when they are linked, and loses it afterwards."""
        activity = self._plan(self.ship, self.visit, self.lea)
        for day in ("04", "05"):
            self._meet(f"{day} 10:00", self.ship, self.lea)
        first, second = self.ship.calendar_event_ids.sorted('start')
        for meeting, kinds in (
            (first, ['visit', 'meeting']),
            (second, ['meeting', 'visit']),
            (self.env['calendar.event'], ['meeting', 'meeting']),
        ):
            # Each change is in a transaction of its own.
            activity.calendar_event_id = meeting
            self.env.cr.flush()
            self.env.invalidate_all()
            self.assertEqual([row[2] for row in self._report()], kinds)

    def test_before_the_opportunity(self):
        """Communications before the first stay have its values, and those of a lead the present ones."""
        with self._at("02 09:00"):
            lead = self._create_opportunity(name="Lead", type='lead', user_id=self.lea.id)
        self._do("02 10:00", lead, self.call, self.lea)
        call = ("02 10:00", "Lead", 'call', 'out', self.lea, self.lea, self.stage_open)
        self.assertCommunications(call, leads=lead)
        with self._at("03 09:00"):
            lead.convert_opportunity(self.contact_1)
        with self._at("04 09:00"):
            lead.write({'user_id': self.sam.id, 'stage_id': self.stage_late.id})
        self.assertCommunications(call, leads=lead)

    def test_changes_of_this_transaction(self):
        """The report includes a stage that is not stored yet."""
        self._do("03 09:00", self.ship, self.call, self.lea)
        with self.mock_datetime_and_now(self.ship.create_date.replace(day=4)):
            self.ship.stage_id = self.stage_late
            self.call.contact_kind = 'other'
            self._plan(self.ship, self.call, self.lea).with_user(self.lea).action_done()
            rows = self.env['crm.communication.report'].search(
                [('lead_id', '=', self.ship.id)], order='date'
            )
        self.assertEqual(rows.stage_id, self.stage_open + self.stage_late)
        self.assertEqual(rows.mapped('kind'), ['other', 'other'])

    def test_coverage(self):
        """Customers touched by their salesperson ÷ customers owned: sums, never averages."""
        leads = self.env['crm.lead'].search([('user_id', 'in', (self.lea + self.sam).ids)])
        leads.user_id = False
        with self._at("02 09:00"):
            self.ship.user_id = self.lea
            self.boat.user_id = self.sam
            # a second one with the same customer, two without a customer, one lost
            self._create_opportunity(
                name="Twin", user_id=self.lea.id, partner_id=self.contact_company_1.id
            )
            nobody = self._create_opportunity(name="Nobody", user_id=self.lea.id)
            self._create_opportunity(name="Nobody else", user_id=self.lea.id)
            lost = self._create_opportunity(name="Lost", user_id=self.lea.id)
            lost.action_set_lost()
        self._do("03 09:00", self.ship, self.call, self.lea)
        self._do("03 10:00", self.ship, self.call, self.lea)
        self._do("03 11:00", nobody, self.call, self.lea)
        self._do("03 12:00", lost, self.call, self.lea)
        # not the owner's own, not a contact
        self._do("03 13:00", self.boat, self.call, self.lea)
        self._do("03 14:00", self.boat, self.todo, self.sam)
        Report = self.env['crm.communication.report']
        domain = [('lead_id', 'in', (self.ship + self.boat + nobody + lost).ids)]
        self.assertEqual(
            Report._read_group(
                domain, ['user_id'], ['coverage:avg', 'touched_customer_ref:count_distinct']
            ),
            [(self.lea, 100 * 2 / 3, 4), (self.sam, 0, 0)],
        )
        # 2 of 3 + 1, not the average of 67 % and 0 %
        self.assertEqual(Report._read_group(domain, [], ['coverage:avg']), [(50,)])
        [[total], by_user] = Report.formatted_read_grouping_sets(
            domain, [[], ['user_id']], ['coverage:avg']
        )
        self.assertEqual(total['coverage:avg'], 50)
        self.assertEqual(len(by_user), 2)

    def test_days_since_the_last_contact(self):
        self._do("03 12:00", self.ship, self.call, self.lea)
        self._do("05 12:00", self.ship, self.call, self.lea)
        self._do("06 12:00", self.ship, self.todo, self.lea)
        with self._at("06 00:00"):
            [(days,)] = self.env['crm.communication.report']._read_group(
                [('lead_id', '=', self.ship.id), ('date', '<', '2026-03-06')],
                [],
                ['days_since_contact:min'],
            )
        self.assertEqual(days, 0.5)

    def test_coverage_of_a_shared_customer(self):
        """Two salespeople who share a customer are to call both, and both have."""
        self._without_others()
        with self._at("02 09:00"):
            (self.ship + self.boat).partner_id = self.contact_company_1
        self._do("03 09:00", self.ship, self.call, self.lea)
        self.assertEqual(self._cover([]), {(): 50})
        self._do("03 10:00", self.boat, self.call, self.sam)
        self.assertEqual(self._cover([]), {(): 100})
        self.assertEqual(self._cover(['owner_id']), {(self.lea,): 100, (self.sam,): 100})

    def test_coverage_counts_who_contacted_nobody(self):
        """Salespeople without a contact are in the whole: of everything, of their team, of a filter."""
        self._without_others()
        other_team = self.env['crm.team'].create({'name': "Other"})
        with self._at("02 09:00"):
            third = self._create_opportunity(
                name="Third", user_id=self.sam.id, partner_id=self.contact_company_1.id
            )
            third.team_id = other_team
        self._do("03 09:00", self.ship, self.call, self.lea)
        self.assertAlmostEqual(self._cover([])[()], 100 / 3)
        self.assertEqual(self._cover(['team_id']), {(self.sales_team_1,): 50})
        self.assertEqual(self._cover(['owner_id']), {(self.lea,): 100})
        self.assertEqual(self._cover([], [('team_id', '=', self.sales_team_1.id)]), {(): 50})
        self.assertEqual(self._cover([], [('owner_id', '=', self.lea.id)]), {(): 100})
        self.assertEqual(self._cover([], [('owner_id.login', '=', self.lea.login)]), {(): 100})
        self.assertEqual(
            self._cover(
                [], [('lead_id', 'in', (self.ship + self.boat).ids), ('kind', '=', 'call')]
            ),
            {(): 100 / 3},
        )
        self.assertEqual(self._cover([], [('lead_id', 'ilike', 'ship')]), {(): 100 / 3})
        Report = self.env['crm.communication.report']
        [[total], by_team, by_user] = Report.formatted_read_grouping_sets(
            [], [[], ['team_id'], ['team_id', 'owner_id']], ['coverage:avg']
        )
        self.assertAlmostEqual(total['coverage:avg'], 100 / 3)
        self.assertEqual(by_team[0]['coverage:avg'], 50)
        self.assertEqual(by_user[0]['coverage:avg'], 100)
        groups = Report.formatted_read_group(
            [],
            ['team_id'],
            ['coverage:avg'],
            having=[('coverage:avg', '>', 10)],
            order='coverage:avg desc',
        )
        self.assertEqual(groups[0]['coverage:avg'], 50)

    def test_coverage_by_the_team_of_then(self):
        """An opportunity that moves to another team is covered in the former one, and to be in the new."""
        self._without_others()
        other_team = self.env['crm.team'].create({'name': "Other"})
        with self._at("02 09:00"):
            self.boat.partner_id = self.contact_company_1
        self._do("03 09:00", self.ship, self.call, self.lea)
        self._do("03 10:00", self.boat, self.call, self.sam)
        first_team = (self.sales_team_1,)
        self.assertEqual(self._cover(['team_id']), {first_team: 100})
        with self._at("04 09:00"):
            (self.ship + self.boat).team_id = other_team
        self.assertEqual(self._cover(['team_id']), {first_team: 100})
        self.assertEqual(self._cover([], [('team_id', '=', self.sales_team_1.id)]), {(): 100})
        self.assertEqual(self._cover([]), {(): 100})
        self._do("05 09:00", self.ship, self.call, self.lea)
        self.assertEqual(self._cover(['team_id']), {first_team: 100, (other_team,): 50})
        self.assertEqual(self._cover([]), {(): 100}, "Each customer counts once")

    def test_coverage_for_own_documents_only(self):
        """The whole is what the reader may see."""
        self._without_others()
        self._do("03 09:00", self.boat, self.call, self.sam)
        [(own,)] = (
            self
            .env['crm.communication.report']
            .with_user(self.sam)
            ._read_group([], [], ['coverage:avg'])
        )
        self.assertEqual(own, 100)

    def _without_others(self):
        """Leave the salespeople the two opportunities only."""
        leads = self.env['crm.lead'].with_context(active_test=False).search([])
        (leads - self.ship - self.boat).user_id = False

    def _cover(self, groupby, domain=()):
        rows = self.env['crm.communication.report']._read_group(
            list(domain), groupby, ['coverage:avg']
        )
        return {row[:-1]: row[-1] for row in rows}
