"""Test who reads which communications."""

from odoo.exceptions import AccessError
from odoo.tests import tagged, users

from .common import TestCommunicationCommon


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationReportAccess(TestCommunicationCommon):
    """A salesperson sees their own communications, and opens what they may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env['res.company'].create({'name': "Elsewhere"})

    def setUp(self):
        super().setUp()
        self._do("03 09:00", self.ship, self.call, self.lea)
        self._do("03 10:00", self.boat, self.call, self.sam)
        self._do("03 11:00", self.boat, self.call, self.lea)
        self._meet("04 10:00", self.boat, self.sam)
        email = self._write_email("05 09:00", self.boat, self.lea)
        self._receive_email("05 10:00", email, self.contact_2.email_formatted)
        self.env.invalidate_all()

    def _read(self):
        leads = self.ship + self.boat
        return self.env['crm.communication.report'].search(
            [('lead_id', 'in', leads.ids)], order='date'
        )

    @users('user_sales_salesman')
    def test_salesperson_sees_their_own(self):
        """Salespeople read what they did and received, not what others did with their customers."""
        rows = self._read()
        self.assertEqual(rows.mapped('kind'), ['call', 'meeting', 'email'])
        self.assertEqual(rows.user_id, self.sam)
        # kept by who did it when the opportunity goes to somebody else
        self.boat.sudo().user_id = self.lea
        self.assertEqual(self._read(), rows)

    @users('user_sales_leads', 'user_sales_manager')
    def test_all_documents_sees_all(self):
        self.assertEqual(len(self._read()), 6)

    @users('user_sales_leads', 'user_sales_manager')
    def test_company(self):
        """The company is that of the opportunity at that time, as in the stage history."""
        self.env.cr.execute(
            "UPDATE crm_stage_history SET company_id = %s WHERE lead_id = %s",
            [self.elsewhere.id, self.boat.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._read().lead_id, self.ship)

    @users('user_sales_salesman')
    def test_opening_the_source(self):
        call, meeting, email = self._read()
        for row, model, record in (
            (call, 'crm.lead', self.boat),
            (meeting, 'calendar.event', self.boat.calendar_event_ids),
            (email, 'crm.lead', self.boat),
        ):
            action = row.action_open_source()
            self.assertEqual((action['res_model'], action['res_id']), (model, record.id))

    @users('user_sales_salesman')
    def test_nothing_is_opened_without_rights(self):
        """Salespeople open neither communications of others nor opportunities that others got."""
        call, _meeting, _email = self._read()
        others = self._read().sudo().search([('user_id', '=', self.lea.id)]).sudo(False)
        with self.assertRaises(AccessError):
            others[0].action_open_source()
        with self.assertRaises(AccessError):
            others[0].read(['date'])
        self.boat.sudo().user_id = self.lea
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            call.action_open_source()

    def test_no_words_of_a_message(self):
        """The report has no texts of messages."""
        names = set(self.env['crm.communication.report']._fields)
        self.assertFalse(names & {'body', 'subject', 'description', 'note', 'summary', 'name'})

    @users('user_sales_manager', 'admin')
    def test_nobody_writes(self):
        rows = self._read()
        for attempt in (
            lambda: rows.write({'kind': 'call'}),
            rows.unlink,
            lambda: rows.create({'kind': 'call'}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_without_sales_rights(self):
        stranger = self.env['res.users'].create({'name': "Stranger", 'login': 'stranger'})
        with self.assertRaises(AccessError):
            self.env['crm.communication.report'].with_user(stranger).search([])

    @users('user_sales_manager')
    def test_rows_are_found_by_id(self):
        """Rows can be read by ID, as the web client does."""
        rows = self._read()
        self.env.invalidate_all()
        self.assertEqual(len(rows.read(['date', 'kind', 'stage_id'])), 6)
        self.assertEqual(rows.search([('id', 'in', rows.ids)]), rows.sorted('date', reverse=True))
        self.assertEqual(len(set(rows.ids)), 6)
