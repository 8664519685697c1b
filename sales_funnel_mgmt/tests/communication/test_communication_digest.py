"""Test the weekly digest of communications."""

from datetime import datetime

from odoo.tests import tagged

from .common import TestCommunicationCommon


@tagged('post_install', '-at_install', 'communication')
class TestCommunicationDigest(TestCommunicationCommon):
    """Send the digest once a week, with the rights, language and time zone of its reader."""

    def setUp(self):
        super().setUp()
        others = self.env['crm.lead'].search([('user_id', '!=', False)]) - self.ship - self.boat
        others.user_id = False
        self.boss = self.user_sales_manager
        self.readers = self.boss + self.lea + self.sam
        self.readers.write({'tz': 'UTC', 'lang': 'en_US'})
        # weeks from Monday to Sunday
        self.env['res.lang']._lang_get('en_US').week_start = '1'
        self.boss.communication_digest = True
        self._do("03 09:00", self.ship, self.call, self.lea)
        self._do("03 10:00", self.ship, self.todo, self.lea)
        self._do("04 09:00", self.ship, self.visit, self.lea)
        email = self._write_email("05 09:00", self.ship, self.lea)
        self._receive_email("05 10:00", email, self.contact_1.email_formatted)
        with self._at("06 09:00"):
            self.ship.stage_id = self.stage_late
        self._do("06 10:00", self.ship, self.call, self.lea)
        # Sunday, 23:30: Monday in Shanghai
        self._do("08 23:30", self.ship, self.call, self.lea)

    def _send(self, moment):
        """Run the scheduled action, and return the e-mails that it has queued."""
        before = self.env['mail.mail'].search([])
        with self._at(moment), self.enter_registry_test_mode():
            self.env.ref(
                'sales_funnel_mgmt.ir_cron_send_communication_digests'
            ).method_direct_trigger()
        self.env.invalidate_all()
        return self.env['mail.mail'].search([]) - before

    def _digest(self, moment, reader=None):
        with self._at(moment):
            return (reader or self.boss)._get_communication_digest()

    def test_once_a_week_to_who_wants_it(self):
        mails = self._send("09 06:00")
        self.assertEqual(mails.recipient_ids, self.boss.partner_id)
        self.assertFalse(self._send("09 10:00"))
        self.assertFalse(self._send("15 23:00"))
        self.assertEqual(len(self._send("16 00:30")), 1)
        # weeks later: the last week alone
        self.lea.communication_digest = True
        self.assertEqual(len(self._send("31 06:00")), 2)
        self.assertEqual(self.boss.communication_digest_week.day, 23)

    def test_not_to_everybody(self):
        stranger = self.env['res.users'].create({
            'name': "Stranger",
            'login': 'stranger',
            'email': "stranger@example.com",
            'communication_digest': True,
        })
        self.assertFalse(stranger.has_group('sales_team.group_sale_salesman'))
        self.boss.communication_digest = False
        self.lea.communication_digest = True
        self.lea.active = False
        self.assertFalse(self._send("09 06:00"))

    def test_users_choose_for_themselves(self):
        self.lea.with_user(self.lea).communication_digest = True
        self.assertTrue(self.lea.communication_digest)

    def test_what_it_says(self):
        digest = self._digest("09 06:00")
        self.assertEqual((digest['first_day'], digest['last_day']), ("03/02/2026", "03/08/2026"))
        self.assertEqual(digest['stages'], ["Negotiation", "Quotation"])
        self.assertEqual(
            digest['people'],
            [
                {
                    'name': self.lea.name,
                    'stages': [4, 2],
                    # calls, visits, meetings, e-mails out and in, other
                    'kinds': [3, 1, 0, 1, 1, 0],
                    'contacts': 6,
                    'touched': 1,
                    'owned': 1,
                    'silent': 0,
                },
                # who did nothing is in it too
                {
                    'name': self.sam.name,
                    'stages': [0, 0],
                    'kinds': [0, 0, 0, 0, 0, 0],
                    'contacts': 0,
                    'touched': 0,
                    'owned': 1,
                    'silent': 1,
                },
            ],
        )
        self.assertEqual(
            digest['silent_customers'],
            [
                {
                    'name': self.contact_2.name,
                    'salesperson': self.sam.name,
                    'opportunities': 1,
                    'last_contact': "",
                }
            ],
        )
        self.assertEqual(digest['more_silent'], 0)

    def test_time_zone_and_first_day_of_the_week(self):
        self.boss.tz = 'Asia/Shanghai'
        # Monday has begun in Shanghai
        digest = self._digest("08 16:30")
        self.assertEqual(digest['first_day'], "03/02/2026")
        self.assertEqual(digest['people'][0]['contacts'], 5)
        self.boss.tz = 'America/New_York'
        self.assertEqual(self._digest("09 03:30")['first_day'], "02/23/2026")
        self.env['res.lang']._lang_get('en_US').week_start = '7'
        self.assertEqual(self._digest("09 03:30")['first_day'], "03/01/2026")

    def test_with_the_rights_of_the_reader(self):
        digest = self._digest("09 06:00", self.sam)
        self.assertEqual([person['name'] for person in digest['people']], [self.sam.name])
        self.assertFalse(digest['stages'])
        self.assertEqual(len(digest['silent_customers']), 1)

    def test_silent_customers(self):
        """The largest expected revenue comes first.

        Customers of won and lost opportunities are left out.

        Customers of won and lost opportunities are left out.
        """
        with self._at("09 08:00"):
            self.boat.expected_revenue = 10
            nobody = self._create_opportunity(
                name="<b>Nobody</b>", user_id=self.lea.id, expected_revenue=30
            )
            self._create_opportunity(
                name="Won", user_id=self.lea.id, stage_id=self.stage_gen_won.id
            )
            self._create_opportunity(name="Lost", user_id=self.lea.id).action_set_lost()
            for number in range(12):
                self._create_opportunity(name=f"Number {number}", user_id=self.sam.id)
        self._do("10 09:00", self.boat, self.call, self.sam)
        with self._at("31 09:00"):
            self.assertNotIn(
                self.contact_2.name,
                [c['name'] for c in self.boss._get_communication_digest()['silent_customers']],
            )
        with self.mock_datetime_and_now(datetime(2026, 4, 8, 12, 0)):
            digest = self.boss._get_communication_digest()
        shown = digest['silent_customers']
        self.assertEqual([c['name'] for c in shown[:2]], [nobody.name, self.contact_2.name])
        self.assertEqual([c['last_contact'] for c in shown[:2]], ["", "03/10/2026"])
        self.assertEqual(len(shown), 10)
        # ship, boat, nobody, the 12
        self.assertEqual(digest['more_silent'], 5)
        self.assertEqual([(p['owned'], p['silent']) for p in digest['people']], [(3, 2), (13, 13)])

    def test_mail(self):
        """The e-mail is in the language of the reader, and names are escaped."""
        self.env['res.lang']._activate_lang('fr_FR')
        self.boss.lang = 'fr_FR'
        self.sam.name = "<script>Sam</script>"
        mail = self._send("09 06:00")
        self.assertIn("02/03/2026", mail.subject)
        self.assertIn("&lt;script&gt;Sam", mail.body_html)
        self.assertNotIn("<script>", mail.body_html)
        self.assertIn("/odoo/communications", mail.body_html)

    def test_without_its_template(self):
        """Without its template, no digest is sent, and no error occurs."""
        self.env.ref('sales_funnel_mgmt.mail_template_communication_digest').unlink()
        self.assertFalse(self._send("09 06:00"))

    def test_number_of_queries_does_not_grow(self):
        counts = []
        for _batch in range(2):
            with self._at("10 08:00"):
                for number in range(20):
                    partner = self.env['res.partner'].create({'name': f"Customer {number}"})
                    lead = self._create_opportunity(
                        name="More", user_id=self.sam.id, partner_id=partner.id
                    )
                    self._plan(lead, self.call, self.sam).with_user(self.sam).action_done()
            self.env.invalidate_all()
            with self._at("17 08:00"):
                self.boss._get_communication_digest()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.boss._get_communication_digest()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
