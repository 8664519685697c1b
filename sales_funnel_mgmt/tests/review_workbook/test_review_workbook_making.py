"""Test when, and with whose rights, review workbooks are made."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.review_workbook.making import (
    crm_review_workbook as making,
)
from ...models.review_workbook.monthly import (
    crm_review_workbook as monthly,
)
from .common import TestReviewWorkbookCommon


@tagged('post_install', '-at_install', 'review_workbook')
class TestReviewWorkbookMaking(TestReviewWorkbookCommon):
    """Make workbooks with the rights of the requester, at once or in the background."""

    def _run(self, name='ir_cron_review_workbooks'):
        with self.enter_registry_test_mode():
            self.env.ref(f'sales_funnel_mgmt.{name}').method_direct_trigger()
        self.env.invalidate_all()

    # === ACCESS === #

    def test_a_salesperson_gets_their_own(self):
        """A salesperson gets only their own records, with any filter."""
        workbook = self._make(self.sam, user_ids=(self.lea + self.sam).ids)
        book = self._load(workbook)
        self.assertNotIn(self.lea.name, self._table(book["Quota vs. Actual"]))
        sheet = book["Rows – Opportunities"]
        names = {sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)}
        self.assertEqual(names, {"Deal 4", "Deal 5"})
        self.assertRecalculated(workbook, least=50)

    def test_nobody_else_sees_it(self):
        workbook = self._make(self.sam)
        for user in (self.lea, self.boss, self.env.ref('base.user_admin')):
            other = workbook.with_user(user)
            self.assertFalse(other.search([('id', '=', workbook.id)]))
            for attempt in (
                lambda other=other: other.read(['file']),
                lambda other=other: other.action_download(),
                lambda other=other: other.action_make(),
                lambda other=other: other.unlink(),
            ):
                with self.assertRaises(AccessError):
                    attempt()
            attachment = (
                self
                .env['ir.attachment']
                .sudo()
                .search([
                    ('res_model', '=', workbook._name),
                    ('res_id', '=', workbook.id),
                    ('res_field', '=', 'file'),
                ])
            )
            self.assertEqual(len(attachment), 1)
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(['datas'])

    def test_nobody_asks_for_others(self):
        Workbook = self.env['crm.review.workbook'].with_user(self.sam)
        for values in (
            {'user_id': self.boss.id},
            {'state': 'waiting'},
            {'company_ids': self.env['res.company'].sudo().search([]).ids},
            {'is_monthly': True},
            {'file': b'eA=='},
        ):
            with self.assertRaises(AccessError):
                Workbook.create(values)
        for key, value in (
            ('default_user_id', self.boss.id),
            ('default_state', 'ready'),
            ('default_file', b'eA=='),
        ):
            with self.assertRaises(AccessError):
                Workbook.with_context(**{key: value}).create({})
        workbook = Workbook.create({})
        self.assertEqual(workbook.user_id, self.sam)
        self.assertEqual(workbook.state, 'draft')
        self.assertFalse(workbook.file)
        with self.assertRaises(AccessError):
            workbook.user_id = self.boss

    def _forbid_export(self, user):
        user.sudo().group_ids = [Command.unlink(self.env.ref('base.group_allow_export').id)]

    def test_nothing_without_the_right_to_export(self):
        """Neither at once, nor in the background, nor by the monthly mail."""
        ready, draft, waiting = self._make(self.sam), self._ask(self.sam), self._ask(self.sam)
        with patch.object(making, 'LARGE', 0):
            waiting.action_make()
        self.sam.write({'review_workbook': True, 'email': 'sam@example.com'})
        readers = self.env['res.users']._get_review_workbook_readers
        self.assertIn(self.sam, readers())
        self._forbid_export(self.sam)
        for attempt in (draft.action_make, ready.action_download):
            with self.assertRaisesRegex(AccessError, "export"):
                attempt()
        self._run()
        self.assertEqual((waiting.state, waiting.file), ('failed', False))
        self.assertIn("export", waiting.error)
        self.assertNotIn(self.sam, readers())

    def test_a_queue_has_a_limit_for_each_person(self):
        with patch.object(making, 'LARGE', 0):
            for _number in range(making.QUEUED):
                self._make(self.sam)
            one_more = self._ask(self.sam)
            with self.assertRaisesRegex(UserError, "wait"):
                one_more.action_make()
            self.assertEqual(self._make(self.lea).state, 'waiting', "Another person")
            self.env['crm.review.workbook'].search(
                [
                    ('user_id', '=', self.sam.id),
                    ('state', '=', 'waiting'),
                ],
                limit=1,
            ).unlink()
            one_more.action_make()
            self.assertEqual(one_more.state, 'waiting')

    def test_a_company_that_is_not_theirs(self):
        """No workbook includes a company that the requester may not access, or no longer."""
        company = self.env['res.company'].create({'name': "Abroad"})
        Workbook = self.env['crm.review.workbook'].with_user(self.sam)
        with self.assertRaises(AccessError):
            Workbook.with_context(allowed_company_ids=company.ids).create({})
        workbook = self._ask(self.sam)
        self.sam.write({
            'company_ids': [Command.set(company.ids)],
            'company_id': company.id,
        })
        with self.assertRaises(UserError):
            workbook.sudo()._make()

    def test_what_is_asked_for_stays(self):
        workbook = self._make()
        with self.assertRaises(UserError):
            workbook.with_rows = False
        with self.assertRaises(UserError):
            workbook.action_make()
        self.assertEqual(workbook.copy().state, 'draft')

    def test_not_for_everybody(self):
        user = self.env['res.users'].create({'name': "Stranger", 'login': "stranger"})
        with self.assertRaises(AccessError):
            self._ask(user)

    # === PERIODS === #

    def test_periods(self):
        Workbook = self.env['crm.review.workbook'].with_user(self.boss)
        with self.mock_datetime_and_now(datetime(2026, 5, 20, 12)):
            for period, first, last in (
                ('this_month', (2026, 5, 1), (2026, 5, 31)),
                ('last_month', (2026, 4, 1), (2026, 4, 30)),
                ('last_quarter', (2026, 1, 1), (2026, 3, 31)),
                ('this_half_year', (2026, 1, 1), (2026, 6, 30)),
                ('last_year', (2025, 1, 1), (2025, 12, 31)),
            ):
                workbook = Workbook.create({'period': period})
                self.assertEqual(
                    (workbook.date_from, workbook.date_to), (date(*first), date(*last)), period
                )
            self.assertEqual(Workbook.create({}).period, 'last_month')
        with self.assertRaises(ValidationError):
            Workbook.create({
                'period': 'custom',
                'date_from': '1900-01-01',
                'date_to': '2026-01-01',
            })

    def test_periods_are_those_of_the_company(self):
        """On 31 May at 20:00 UTC, it is June in Shanghai, for all users."""
        self.env.company.sales_tz = 'Asia/Shanghai'
        Workbook = self.env['crm.review.workbook'].with_user(self.boss).with_context(tz='UTC')
        with self.mock_datetime_and_now(datetime(2026, 5, 31, 20)):
            workbook = Workbook.create({'period': 'last_month'})
        self.assertEqual(workbook.date_from, date(2026, 5, 1))

    # === BACKGROUND === #

    def test_large_ones_in_the_background(self):
        with patch.object(making, 'LARGE', 3):
            workbook = self._ask()
            self.assertIs(workbook.action_make(), True)
        self.assertEqual(workbook.state, 'waiting')
        messages = self.env['mail.message'].search([])
        self._run()
        self.assertEqual((workbook.state, workbook.progress), ('ready', 100))
        self.assertRecalculated(workbook, least=150)
        message = self.env['mail.message'].search([]) - messages
        self.assertEqual(message.notified_partner_ids, self.boss.partner_id)
        self.assertIn("ready", message.subject)
        # A second run sends no second message.
        self._run()
        self.assertEqual(self.env['mail.message'].search([]) - messages, message)

    def test_interrupted(self):
        """A workbook that was interrupted by a stop of the server is retried a limited number of times."""
        workbook = self._ask().sudo()
        workbook.write({'state': 'running', 'attempts': 1, 'progress': 40})
        self._run()
        self.assertEqual(workbook.state, 'ready')
        hopeless = self._ask().sudo()
        hopeless.write({'state': 'running', 'attempts': making.ATTEMPTS})
        self._run()
        self.assertEqual(hopeless.state, 'failed')
        self.assertIn("given up", hopeless.error)

    def test_failing(self):
        """A failed workbook shows its error, and the next one is made."""
        workbook, other = self._ask().sudo(), self._ask(self.lea).sudo()
        (workbook + other).state = 'waiting'
        self.boss.group_ids = [Command.set(self.env.ref('base.group_user').ids)]
        self._run()
        self.assertEqual(workbook.state, 'failed')
        self.assertTrue(workbook.error)
        self.assertEqual(other.state, 'ready')
        self.lea.company_ids.invalidate_recordset()
        broken = self._ask(self.lea).sudo()
        broken.state = 'waiting'
        with (
            patch.object(making.Book, 'make', side_effect=ValueError("secret")),
            mute_logger(making.__name__),
        ):
            self._run()
        self.assertEqual(broken.state, 'failed')
        self.assertNotIn("secret", broken.error)

    def test_old_ones_go(self):
        ready, draft, old = self._make(), self._ask(), self._make()
        now = self.env.cr.now()
        for workbook, days in ((ready, 80), (draft, 8), (old, 91)):
            workbook.flush_recordset()
            self.env.cr.execute(
                'UPDATE crm_review_workbook SET create_date = %s WHERE id = %s',
                (now - timedelta(days=days), workbook.id),
            )
        self.env.invalidate_all()
        self.env['crm.review.workbook']._gc_workbooks()
        self.assertTrue(ready.exists())
        self.assertFalse((draft + old).exists())

    # === MONTHLY MAIL === #

    def _send(self, moment):
        """Run both scheduled actions, and return the e-mails that they have queued."""
        before = self.env['mail.mail'].search([])
        with self.mock_datetime_and_now(moment):
            self._run('ir_cron_ask_for_review_workbooks')
            self._run()
        return self.env['mail.mail'].search([]) - before

    def test_monthly_mail(self):
        self.sam.with_user(self.sam).review_workbook = True
        self.lea.write({'review_workbook': True, 'tz': 'Asia/Shanghai'})
        # In Shanghai, the month has begun.
        mails = self._send(datetime(2026, 5, 31, 18))
        self.assertEqual(len(mails), 2)
        by_user = {mail.recipient_ids: mail for mail in mails}
        mail = by_user[self.sam.partner_id]
        self.assertEqual(mail.attachment_ids.name, "Review 2026-04-01 to 2026-04-30.xlsx")
        self.assertIn("2026-05-01", by_user[self.lea.partner_id].attachment_ids.name)
        self.assertTrue(mail.attachment_ids.raw.startswith(b'PK'))
        self.assertFalse(self._send(datetime(2026, 5, 31, 22)))
        # Hours later, it has begun in all time zones.
        self.assertEqual(self._send(datetime(2026, 6, 1, 2)).recipient_ids, self.sam.partner_id)
        workbook = self.env['crm.review.workbook'].search([('user_id', '=', self.sam.id)], limit=1)
        self.assertTrue(workbook.is_monthly)
        # With the rights of the reader.
        self.assertNotIn(self.lea.name, self._table(self._load(workbook)["Workload"]))

    def test_monthly_mail_not_to_everybody(self):
        stranger = self.env['res.users'].create({
            'name': "Stranger",
            'login': "stranger",
            'email': "stranger@example.com",
            'review_workbook': True,
        })
        self.lea.write({'review_workbook': True, 'active': False})
        self.assertFalse(self._send(datetime(2026, 6, 1, 12)))
        self.assertFalse(stranger.review_workbook_month)

    def test_large_file_is_a_link(self):
        self.sam.review_workbook = True
        with patch.object(monthly, 'MAIL_BYTES', 10):
            mail = self._send(datetime(2026, 6, 1, 12))
        self.assertFalse(mail.attachment_ids)
        self.assertIn("/odoo/review-workbooks/", mail.body_html)

    def test_without_its_template(self):
        self.sam.review_workbook = True
        self.env.ref('sales_funnel_mgmt.mail_template_review_workbook').unlink()
        self.assertFalse(self._send(datetime(2026, 6, 1, 12)))
