"""Test the digest of stall alerts."""

from odoo.tests import tagged

from .common import TestStallCommon


@tagged('post_install', '-at_install')
class TestStallDigest(TestStallCommon):
    """Check that each manager gets one digest in a run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._without_silence()
        cls.user_sales_manager.notification_type = 'email'

    def setUp(self):
        super().setUp()
        with self._at(0):
            self.first = self._create_opportunity(name="<b>First</b>")
            self.second = self._create_opportunity(name="Second")
            self.theirs = self._create_opportunity(
                name="Theirs", user_id=self.user_sales_salesman.id
            )

    def _messages(self):
        return self.env['mail.message'].search(
            [
                ('message_type', '=', 'user_notification'),
                ('partner_ids', 'in', self.user_sales_manager.partner_id.ids),
                ('subject', 'like', "Stalled opportunities"),
            ],
            order='id',
        )

    def test_one_for_all(self):
        self._run(11)
        digest = self._messages()
        self.assertEqual(len(digest), 1)
        self.assertEqual(digest.subject, "Stalled opportunities: 3 need attention")
        self.assertEqual(digest.sudo().mail_ids.state, 'outgoing')
        for text in (
            self.user_sales_leads.name,
            self.user_sales_salesman.name,
            f"/odoo/{self.user_sales_leads.id}/stalled-of-salesperson",
            "&lt;b&gt;First&lt;/b&gt;",
            "Second",
            "Theirs",
        ):
            self.assertIn(text, digest.body)

    def test_nothing_new_no_digest(self):
        self._run(11)
        self._run(11)
        self._run(12)
        self.assertEqual(len(self._messages()), 1)
        # Two escalations and an own alert.
        self._run(19)
        self.assertEqual(len(self._messages()), 2)
        self.assertEqual(self._messages()[1].subject, "Stalled opportunities: 3 need attention")
        self._run(20)
        self.assertEqual(len(self._messages()), 2)

    def test_says_what_was_left_out(self):
        self.companies.stall_open_alerts_max = 1
        self._run(11)
        self.assertIn("1 alerts wait until", " ".join(self._messages().body.split()))

    def test_inbox_and_email(self):
        """A user with notifications in the inbox gets the digest there and by e-mail."""
        self.user_sales_manager.notification_type = 'inbox'
        self._run(11)
        digest = self._messages()
        self.assertEqual(len(digest), 1)
        self.assertEqual(digest.sudo().notification_ids.notification_type, 'inbox')
        mails = self.env['mail.mail'].search([
            ('recipient_ids', 'in', self.user_sales_manager.partner_id.ids),
            ('subject', '=', digest.subject),
        ])
        self.assertEqual(len(mails), 1)

    def test_not_about_oneself(self):
        (self.first + self.second + self.theirs).user_id = self.user_sales_manager
        self._run(30)
        self.assertTrue(self._alerts(self.first))
        self.assertFalse(self._messages())

    def test_in_the_language_of_the_manager(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.user_sales_manager.lang = 'zh_CN'
        self._run(11)
        digest = self.env['mail.message'].search(
            [
                ('message_type', '=', 'user_notification'),
                ('partner_ids', 'in', self.user_sales_manager.partner_id.ids),
            ],
            limit=1,
        )
        self.assertIn("停滞", digest.subject)
        self.assertIn("停滞", digest.body + digest.subject)
        self.assertNotIn("These salespeople", digest.body)
