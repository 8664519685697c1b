"""Test the kept communications against the full query after random operations."""

import random
from collections import Counter
from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import TestCommunicationCommon

OPERATIONS = 700
SEED = 6


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationRandom(TestCommunicationCommon):
    """After random operations in any order, the table holds the rows of the query."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.now = datetime(2026, 3, 2, 8, 0)
        self.people = self.lea + self.sam + self.user_sales_manager
        self.customers = self.contact_1 + self.contact_2
        self.types = self.call + self.visit + self.email + self.todo + self.meeting
        self.teams = self.sales_team_1 + self.env['crm.team'].create({'name': "East"})
        self.stages = self.stage_open + self.stage_late + self.stage_gen_won
        self.leads = self.ship + self.boat
        self.seen = Counter()

    # === What is there to choose from === #

    def _lead(self, **conditions):
        leads = self.leads.exists().filtered_domain([
            (name, '=', value) for name, value in conditions.items()
        ])
        return leads.browse(self.random.choice(leads.ids)) if leads else leads

    def _some(self, model, lead_field='res_id', **conditions):
        """Return one of the records about the opportunities of the test."""
        domain = [(lead_field, 'in', self.leads.exists().ids)]
        if lead_field == 'res_id':
            domain.append(('model' if model == 'mail.message' else 'res_model', '=', 'crm.lead'))
        records = (
            self
            .env[model]
            .with_context(active_test=False)
            .search([*domain, *((name, '=', value) for name, value in conditions.items())])
        )
        return self.random.choice(records) if records else records

    # === The operations === #

    def create_lead(self):
        self.leads |= self._create_opportunity(
            name="Random",
            type=self.random.choice(['opportunity', 'lead']),
            user_id=self.random.choice([*self.people.ids, False]),
            partner_id=self.random.choice(self.customers.ids),
        )

    def write_message(self):
        """Post messages to the customer, to a colleague, to nobody, or as a note."""
        for _number in range(self.random.randint(1, 2)):
            lead = self._lead()
            lead.with_user(self.random.choice(self.people)).sudo().message_post(
                body="Hello",
                message_type=self.random.choice(['comment', 'comment', 'comment', 'auto_comment']),
                subtype_xmlid=self.random.choice([
                    'mail.mt_comment',
                    'mail.mt_comment',
                    'mail.mt_note',
                ]),
                partner_ids=self.random.choice([lead.partner_id, self.sam.partner_id]).ids,
                author_id=self.random.choice(self.people).partner_id.id,
            )

    def receive_message(self):
        lead = self._lead()
        lead.message_post(
            body="Thank you",
            message_type='email',
            subtype_xmlid='mail.mt_comment',
            author_id=self.random.choice([*lead.partner_id.ids, *self.sam.partner_id.ids, False]),
            email_from="somebody@example.com",
            partner_ids=self.random.choice([lead.partner_id.ids, []]),
            # its sender's clock
            date=self.now + timedelta(hours=self.random.choice([-30, -1, 0, 0, 2])),
        )

    def change_delivery(self):
        notifications = self.env['mail.notification'].search([
            ('mail_message_id.model', '=', 'crm.lead'),
            ('res_partner_id.partner_share', '=', True),
        ])
        if notifications:
            self.random.choice(notifications).notification_status = self.random.choice([
                'bounce',
                'exception',
                'sent',
                'ready',
                'canceled',
            ])

    def edit_message(self):
        message = self._some('mail.message')
        message.write(
            self.random.choice([
                {'subtype_id': self.env.ref('mail.mt_note').id},
                {'subtype_id': self.env.ref('mail.mt_comment').id},
                {'is_internal': self.random.choice([True, False])},
                {'message_type': self.random.choice(['comment', 'email', 'notification', 'sms'])},
                {'date': self.now - timedelta(hours=self.random.randint(-2, 48))},
                {'author_id': self.random.choice(self.people.partner_id + self.customers).id},
            ])
        )

    def move_message(self):
        message = self._some('mail.message')
        if self.random.random() < 0.3:
            message.write({'model': 'res.partner', 'res_id': self.contact_1.id})
        else:
            message.res_id = self._lead().id

    def delete_message(self):
        self._some('mail.message').unlink()

    def do_activity(self):
        user = self.random.choice(self.people)
        activity = self._plan(self._lead(), self.random.choice(self.types), user)
        activity.with_user(user).sudo().action_feedback(feedback="Done")

    def plan_meeting(self):
        """Create a meeting in the past or the future, with an activity or without."""
        lead, user = self._lead(), self.random.choice(self.people)
        start = self.now + timedelta(hours=self.random.choice([-20, -2, 0, 1, 30]))
        activity = self.env['mail.activity']
        if self.random.random() < 0.6:
            activity = self._plan(lead, self.random.choice(self.visit + self.meeting), user)
        self.env['calendar.event'].with_context(no_mail_to_attendees=True).create({
            'name': "Meeting",
            'start': start,
            'stop': start + timedelta(hours=1),
            'user_id': user.id,
            'opportunity_id': lead.id,
            'activity_ids': [Command.set(activity.ids)],
        })
        if self.random.random() < 0.5:
            activity.with_user(user).sudo().action_done()

    def change_meeting(self):
        event = self._some('calendar.event', 'opportunity_id')
        values = self.random.choice([
            {'start': self.now + timedelta(hours=self.random.randint(-30, 30))},
            {'active': False},
            {'active': True},
            {'opportunity_id': self.random.choice([self._lead().id, False])},
            {'user_id': self.random.choice(self.people).id},
        ])
        if 'start' in values:
            values['stop'] = values['start'] + timedelta(hours=1)
        event.with_context(no_mail_to_attendees=True).write(values)

    def delete_meeting(self):
        self._some('calendar.event', 'opportunity_id').unlink()

    def change_activity(self):
        activity = self._some('mail.activity')
        activity.write(
            self.random.choice([
                {'active': True},
                {'active': False},
                {'activity_type_id': self.random.choice(self.types).id},
                {'calendar_event_id': self._some('calendar.event', 'opportunity_id').id},
                {'calendar_event_id': False},
            ])
        )

    def delete_activity(self):
        self._some('mail.activity').unlink()

    def change_type(self):
        self.random.choice(
            self.types - self.meeting - self.call
        ).contact_kind = self.random.choice(['visit', 'email', 'other', 'meeting', False])

    def drag(self):
        self._lead(type='opportunity').stage_id = self.random.choice(self.stages)

    def hand_over(self):
        self._lead(type='opportunity').user_id = self.random.choice([*self.people.ids, False])

    def change_team(self):
        self._lead(type='opportunity').team_id = self.random.choice(self.teams)

    def lose(self):
        lead = self._lead(type='opportunity', active=True)
        lead.filtered(lambda lead: not lead.stage_id.is_won).action_set_lost()

    def restore(self):
        self._lead(active=False).action_unarchive()

    def convert(self):
        self._lead(type='lead').convert_opportunity(self.contact_1)

    def back_to_lead(self):
        self._lead(type='opportunity').type = 'lead'

    def change_lead(self):
        """A lead has no stays: its communications keep the salesperson that was stored."""
        self._lead(type='lead').write({
            'user_id': self.random.choice(self.people.ids),
            'stage_id': self.random.choice(self.stages.ids),
        })

    def merge(self):
        leads = self._lead() | self._lead()
        if len(leads) > 1:
            leads.merge_opportunity(auto_unlink=True)

    def delete_lead(self):
        self._lead().unlink()

    def read_report(self):
        """Count the communications so far, before the transaction ends."""
        self.env['crm.communication.report'].search([], limit=1)

    def roll_back(self):
        """Undo an operation, as a request that fails does."""
        operation = self.random.choice([
            self.write_message,
            self.do_activity,
            self.plan_meeting,
            self.merge,
            self.drag,
        ])
        savepoint = self.env.cr.savepoint()
        operation()
        self.random.choice([self.env.flush_all, self.read_report])()
        savepoint.close(rollback=True)

    def test_seven_hundred_operations(self):
        weights = {
            self.create_lead: 8,
            self.write_message: 16,
            self.receive_message: 12,
            self.change_delivery: 8,
            self.edit_message: 10,
            self.move_message: 4,
            self.delete_message: 3,
            self.do_activity: 18,
            self.plan_meeting: 12,
            self.change_meeting: 12,
            self.delete_meeting: 2,
            self.change_activity: 8,
            self.delete_activity: 3,
            self.change_type: 3,
            self.drag: 12,
            self.hand_over: 10,
            self.change_team: 5,
            self.lose: 4,
            self.restore: 4,
            self.convert: 5,
            self.back_to_lead: 1,
            self.change_lead: 5,
            self.merge: 2,
            self.delete_lead: 1,
            self.read_report: 6,
            self.roll_back: 4,
        }
        log = []
        operations = self.random.choices([*weights], [*weights.values()], k=OPERATIONS)
        for operation in operations:
            if len(self.leads.exists()) < 3:
                self.create_lead()
            # often nothing has passed, as within a transaction
            self.now += timedelta(minutes=self.random.choice([0, 0, 0, 1, 90]))
            log.append((operation.__name__, self.now))
            with (
                self.mock_datetime_and_now(self.now),
                self.mock_mail_gateway(),
                mute_logger('odoo.models.unlink', 'odoo.addons.crm.models.crm_lead'),
            ):
                operation()
                if self.random.random() < 0.4:
                    # as at the end of a transaction
                    self.env.cr.flush()
                    self._check(log)
                    log.clear()
        # all kinds there are, in both directions, and enough of them
        for what in ('call', 'visit', 'meeting', 'email', 'message', 'other', 'task', 'in', 'out'):
            self.assertGreater(self.seen[what], 10, what)

    def _check(self, log):
        Communication = self.env['crm.communication']
        stored = SQL("SELECT %s FROM crm_communication", Communication._get_columns())
        recomputed = Communication._get_query()
        for one, other, what in (
            (stored, recomputed, "too much"),
            (recomputed, stored, "missing"),
        ):
            rows = self.env.execute_query(SQL("(%s) EXCEPT (%s)", one, other))
            self.assertFalse(rows, f"{what}, after {log}")
        [(count, different)] = self.env.execute_query(
            SQL("SELECT COUNT(*), COUNT(DISTINCT id) FROM (%s) AS source", recomputed)
        )
        self.assertEqual(count, different)
        for row in self.env.execute_query(SQL("SELECT kind, direction FROM crm_communication")):
            self.seen.update(row)
