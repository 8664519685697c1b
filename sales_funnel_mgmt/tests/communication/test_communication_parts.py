"""Test the parts of the statements of communications, each with rows of the test."""

from odoo.tests import tagged
from odoo.tools import SQL

from .common import TestCommunicationCommon


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationParts(TestCommunicationCommon):
    def _select(self, query, **parts):
        """Return the first column of a query that needs other parts of the statement."""
        clause = SQL(", ").join(
            SQL("%s AS (%s)", SQL.identifier(name), part) for name, part in parts.items()
        )
        statement = SQL("WITH %s %s", clause, query) if parts else query
        return [row[0] for row in self.env.execute_query(statement)]

    def test_leads_of_what_has_been_written(self):
        """The present and the former leads are found."""
        Communication = self.env['crm.communication']
        self._do("02 09:00", self.ship, self.call, self.lea)
        meeting = self._meet("06 10:00", self.ship, self.lea)
        self.env.cr.flush()
        meeting.opportunity_id = self.boat
        activity = self._plan(self.boat, self.call, self.sam)
        self.env.flush_all()
        other = self._create_opportunity(name="Other")
        ids = {
            'message': [],
            'notification': [],
            'activity': activity.ids,
            'activity_type': [],
            'event': meeting.ids,
            'lead': other.ids,
        }
        parts = {'activity': Communication._get_written_activities(ids)}
        parts['written'] = Communication._get_written_ids(ids)
        self.assertEqual(self._select(SQL("SELECT id FROM written"), **parts), [-meeting.id])
        lead_ids = self._select(Communication._get_written_leads(ids), **parts)
        self.assertEqual(sorted(lead_ids), (self.ship + self.boat + other).ids)

    def test_asked_with_the_done_activities_of_the_leads(self):
        Communication = self.env['crm.communication']
        self._do("02 09:00", self.ship, self.call, self.lea)
        self._do("02 09:00", self.boat, self.call, self.sam)
        self._write_email("02 10:00", self.ship, self.lea)
        [done] = self.ship.message_ids.filtered('mail_activity_type_id')
        asked = self._select(
            Communication._get_asked_ids(),
            written=SQL("SELECT -7 AS id"),
            lead=SQL("SELECT %s AS id", self.ship.id),
        )
        self.assertEqual(sorted(asked), [-7, done.id])

    def test_following_a_stay(self):
        """Outgoing communications keep their user, and communications before the stay do not change."""
        email = self._write_email("02 09:00", self.ship, self.lea)
        self._receive_email("03 10:00", email, self.contact_1.email_formatted)
        self._do("03 11:00", self.ship, self.call, self.lea)
        self.env.cr.flush()
        stays = SQL(
            "SELECT %s AS lead_id, %s AS user_id, %s AS stage_id, %s AS team_id,"
            " NULL::int AS company_id, %s::timestamp AS entered_at",
            self.ship.id,
            self.sam.id,
            self.stage_late.id,
            self.sales_team_1.id,
            "2026-03-03 10:00:00",
        )
        self.env.cr.execute(self.env['crm.communication']._get_stay_update(stays))
        self.assertEqual(self.env.cr.rowcount, 2)
        self.env.invalidate_all()
        lea, sam, late = self.lea, self.sam, self.stage_late
        self.assertCommunications(
            ("02 09:00", "Spaceship", 'email', 'out', lea, lea, self.stage_open),
            ("03 10:00", "Spaceship", 'email', 'in', sam, sam, late),
            ("03 11:00", "Spaceship", 'call', 'out', lea, sam, late),
        )
