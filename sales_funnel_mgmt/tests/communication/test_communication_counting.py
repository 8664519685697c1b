"""Test when communications are counted, and at which cost."""

from odoo.exceptions import AccessError
from odoo.tests import tagged, users

from ...models.communication.crm_communication import PENDING
from .common import TestCommunicationCommon


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationCounting(TestCommunicationCommon):
    """Count communications when they happen, and keep them when other records change later."""

    def _pending(self):
        """Return the scheduled recounts."""
        self.env.flush_all()
        return self.env.cr.precommit.data.get(PENDING)

    def _settle(self):
        self.env.cr.flush()
        self.env.invalidate_all()

    def _queries_at_the_end(self):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.env['crm.communication']._update_pending()
        return self.env.cr.sql_log_count - before

    def test_one_statement_a_transaction(self):
        for count in (1, 20):
            self._settle()
            for _number in range(count):
                self._receive(self.ship)
                self._plan(self.boat, self.call, self.sam).with_user(self.sam).action_done()
            self.assertEqual(self._queries_at_the_end(), 1)
        self.assertEqual(self._queries_at_the_end(), 0)
        self.assertEqual(len(self._report()), 42)

    def _receive(self, lead):
        return lead.message_post(
            body="Hello",
            message_type='email',
            subtype_xmlid='mail.mt_comment',
            author_id=lead.partner_id.id,
        )

    def test_nothing_for_what_is_none(self):
        """Other documents, changes without a contact, and messages of the system schedule no recount."""
        self._settle()
        with self.mock_mail_gateway():
            message = self.contact_1.message_post(
                body="Hello",
                message_type='comment',
                subtype_xmlid='mail.mt_comment',
                partner_ids=self.contact_2.ids,
            )
        self.assertFalse(self._pending())
        message.notification_ids.notification_status = 'bounce'
        message.is_internal = True
        self.assertFalse(self._pending())
        message.unlink()
        self.env['calendar.event'].create({
            'name': "Lunch",
            'start': "2026-03-02 12:00:00",
            'stop': "2026-03-02 13:00:00",
        }).start = "2026-03-02 11:00:00"
        self.assertFalse(self._pending())
        lead = self._create_opportunity(name="Silent", type='lead')
        lead.convert_opportunity(self.contact_1)
        lead.with_context(tracking_disable=False).stage_id = self.stage_late
        lead.user_id = self.sam
        self._plan(lead, self.call, self.sam).date_deadline = "2026-03-03"
        lead._track_set_log_message("Moved")
        self.assertFalse(self._pending())

    def test_an_opportunity_with_contacts_is_moved_at_no_extra_cost(self):
        counts = []
        for lead in (self.boat, self.ship):
            self._receive(self.ship)
            self._settle()
            lead.fetch()
            before = self.env.cr.sql_log_count
            lead.stage_id = self.stage_late
            self._settle()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_opportunities_without_contacts_are_merged_at_no_extra_cost(self):
        """Odoo's lead assignment merges one by one; the notes of changes that it moves are no contacts."""
        lead = self.boat
        for _number in range(2):
            other = self.ship.copy({'name': "Duplicate"})
            other.message_post(body="A note of the system", message_type='notification')
            self._settle()
            messages = other.message_ids
            lead = (lead + other).merge_opportunity(auto_unlink=True)
            self.assertFalse(self._pending())
            self.assertEqual(messages.mapped('res_id'), lead.ids * len(messages))

    def test_a_message_that_turns_into_a_contact_elsewhere(self):
        """The type and the document of a message change together."""
        message = self.contact_1.message_post(body="Note", message_type='notification')
        self._settle()
        message.write({'model': 'crm.lead', 'res_id': self.ship.id, 'message_type': 'email'})
        self.assertEqual(self._pending(), {'message': set(message.ids)})

    def test_a_lead_that_goes_from_hand_to_hand(self):
        """Communications of a lead keep their salesperson and stage, also after a conversion."""
        with self._at("02 09:00"):
            lead = self._create_opportunity(name="Lead", type='lead', user_id=self.lea.id)
        self._do("02 10:00", lead, self.call, self.lea)
        self._settle()
        with self._at("03 09:00"):
            lead.write({'user_id': self.sam.id, 'stage_id': self.stage_late.id})
        self._do("03 10:00", lead, self.call, self.lea)
        self._settle()
        with self._at("04 09:00"):
            lead.convert_opportunity(self.contact_1)
            lead.user_id = self.user_sales_manager
        self._do("04 10:00", lead, self.call, self.lea)
        late = self.stage_late
        self.assertCommunications(
            ("02 10:00", "Lead", 'call', 'out', self.lea, self.lea, self.stage_open),
            ("03 10:00", "Lead", 'call', 'out', self.lea, self.sam, late),
            ("04 10:00", "Lead", 'call', 'out', self.lea, self.user_sales_manager, late),
            leads=lead,
        )

    def test_meeting_to_come(self):
        """A future meeting gets the stage and the salesperson of the day when it begins."""
        self._meet("05 10:00", self.ship, self.lea)
        self._settle()
        with self._at("03 09:00"):
            self.ship.user_id = self.sam
        with self._at("04 09:00"):
            self.ship.stage_id = self.stage_late
        with self._at("06 09:00"):
            self.ship.user_id = self.lea
        self.assertCommunications(now="05 09:00")
        self.assertCommunications((
            "05 10:00",
            "Spaceship",
            'meeting',
            'out',
            self.lea,
            self.sam,
            self.stage_late,
        ))

    def test_what_came_later_does_not_undo_it(self):
        """A customer who becomes a user, or a salesperson who leaves, does not change earlier messages."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("02 10:00", email, self.contact_1.email_formatted)
        self._settle()
        expected = self._report()
        self.assertEqual(len(expected), 2)
        self.env['res.users'].create({
            'login': 'contact',
            'partner_id': self.contact_1.id,
            'group_ids': self.env.ref('base.group_user').ids,
        })
        self.assertFalse(self.contact_1.partner_share)
        self.lea.active = False
        self._settle()
        self.assertCommunications(*expected)

    def test_bounce_and_second_attempt(self):
        """Each change of the delivery is in a transaction of its own, long after the message."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._settle()
        [expected] = self._report()
        for status, is_contact in (
            ('sent', True),
            ('bounce', False),
            ('exception', False),
            ('ready', True),
            ('canceled', False),
        ):
            notification = self.env['mail.notification'].search([
                ('mail_message_id', '=', email.id)
            ])
            notification.notification_status = status
            self._settle()
            self.assertCommunications(*[expected] * is_contact)

    def test_stage_and_salesperson_are_deleted(self):
        stage = self.env['crm.stage'].create({'name': "Gone soon"})
        user = self.lea.copy({'login': 'gone', 'email': "gone@example.com"})
        with self._at("02 09:00"):
            self.ship.write({'stage_id': stage.id, 'user_id': user.id})
        self._do("02 10:00", self.ship, self.call, user)
        self._settle()
        with self._at("03 09:00"):
            self.ship.write({'stage_id': self.stage_open.id, 'user_id': self.lea.id})
        self.env['mail.activity'].with_context(active_test=False).search([
            ('user_id', '=', user.id)
        ]).unlink()
        stage.unlink()
        user.unlink()
        nobody = self.env['res.users']
        self.assertCommunications((
            "02 10:00",
            "Spaceship",
            'call',
            'out',
            nobody,
            nobody,
            self.env['crm.stage'],
        ))

    def test_opportunity_is_deleted(self):
        self._do("02 10:00", self.ship, self.call, self.lea)
        self._meet("02 11:00", self.ship, self.lea)
        self._settle()
        self.ship.unlink()
        self._settle()
        self.assertFalse(self.env['crm.communication'].search([]))

    def test_rebuilt_table_is_the_same(self):
        """The rebuild of the installation gives the same communications."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("02 10:00", email, self.contact_1.email_formatted)
        self._do("03 09:00", self.ship, self.call, self.lea)
        with self._at("04 09:00"):
            self.ship.stage_id = self.stage_late
        self._do("05 09:00", self.ship, self.todo, self.sam)
        self._meet("06 10:00", self.ship, self.lea)
        expected = self._report()
        self.assertEqual(len(expected), 5)
        self.env.cr.execute("DELETE FROM crm_communication")
        self.assertCommunications()
        self.assertEqual(self.env['crm.communication']._rebuild(), 5)
        self.assertCommunications(*expected)
        # its indexes and foreign keys are back
        self._settle()
        self.ship.unlink()
        self.assertFalse(self.env['crm.communication'].search([]))

    @users('user_sales_manager', 'admin')
    def test_the_table_is_nobodys(self):
        """Nobody may read the table. The rules of the report decide about the access."""
        Communication = self.env['crm.communication']
        for attempt in (
            lambda: Communication.search([]),
            lambda: Communication.create({'kind': 'call'}),
            lambda: Communication.sudo(False)._read_group([], ['user_id'], ['__count']),
        ):
            with self.assertRaises(AccessError):
                attempt()
