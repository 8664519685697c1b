"""Make review workbooks with the rights of the requester: small ones at once, others in the background."""

import base64
import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...base.arguments import check_one
from ...base.exclusive_job import exclusive_job
from ..book import Book

_logger = logging.getLogger(__name__)

# number of rows above which a workbook is made in the background
LARGE = 5000
# the same for a workbook without rows, which takes as long to read but less time to write
LARGE_WITHOUT_ROWS = 100_000
# number of interrupted attempts, after which a workbook is not retried
ATTEMPTS = 3
# a person has so many workbooks waiting at most: making one keeps the server busy
QUEUED = 3
KEPT_DAYS = 90
KEPT_DRAFT_DAYS = 7


class CrmReviewWorkbook(models.Model):
    _inherit = 'crm.review.workbook'

    # === ACTION METHODS === #

    def action_make(self):
        """Make the workbook: small ones at once with a download, large ones in the background.

        :return: Action that downloads the file, or True.
        """
        check_one(self)
        self._check_own()
        self._check_may_export()
        if self.state not in ('draft', 'failed'):
            raise UserError(
                self.env._(
                    "%(workbook)s has been asked for already. Duplicate it for a new one.",
                    workbook=self.display_name,
                )
            )
        # In sudo mode: only the system writes the state and the file.
        workbook_sudo = self.sudo()
        workbook_sudo.write({'attempts': 0, 'error': False})
        if workbook_sudo._is_large():
            self._check_queue()
            workbook_sudo.write({'state': 'waiting', 'progress': 0})
            self.env.ref('sales_funnel_mgmt.ir_cron_review_workbooks')._trigger()
            return True
        workbook_sudo._make()
        return self.action_download()

    def action_download(self):
        """Download the file.

        :return: Client action.
        """
        check_one(self)
        self._check_own()
        self._check_may_export()
        if self.state != 'ready':
            raise UserError(
                self.env._("%(workbook)s is not ready yet.", workbook=self.display_name)
            )
        return {
            'type': 'ir.actions.client',
            'tag': 'sales_funnel_mgmt.download_file',
            'params': {'url': self._get_url()},
        }

    def _check_own(self):
        """Refuse other users than the requester, also those who bypass the record rule."""
        self.check_access('read')
        if self.user_id != self.env.user:
            raise AccessError(
                self.env._("%(workbook)s is somebody else's.", workbook=self.display_name)
            )

    @api.model
    def _check_may_export(self):
        """Check that the user has Odoo's right to export: a workbook is an export of many reports.

        :raise AccessError: If the user has not.
        """
        if not self.env.user.has_group('base.group_allow_export'):
            raise AccessError(
                self.env._(
                    "%(user)s may not export data, so no review workbook either. Please ask an "
                    "administrator for the access right “%(right)s”.",
                    user=self.env.user.name,
                    right=self.env.ref('base.group_allow_export').sudo().name,
                )
            )

    def _check_queue(self):
        """Check that the user has not too many workbooks in the queue.

        :raise UserError: If the user has.
        """
        # Serialize the requests of a user, or several at the same time would not see each other.
        self.env.user.sudo().lock_for_update(allow_referencing=True)
        queued = self.search_count([
            ('user_id', '=', self.env.uid),
            ('state', 'in', ('waiting', 'running')),
            ('is_monthly', '=', False),
        ])
        if queued >= QUEUED:
            raise UserError(
                self.env._(
                    "%(count)s of your review workbooks are being made or wait to be. Please wait "
                    "until one is ready, or delete one that waits.",
                    count=queued,
                )
            )

    def _get_url(self):
        return f'/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true'

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_make(self):
        """Make the waiting workbooks, one after the other.

        The action can be interrupted at any time: the next run continues."""
        workbooks = self.search([('state', 'in', ('waiting', 'running'))], order='id')
        progress = self.env['ir.cron']._commit_progress
        progress(remaining=len(workbooks))
        for workbook in workbooks:
            workbook._make_in_background()
            if not progress(1):
                return

    @api.autovacuum
    def _gc_workbooks(self):
        """Delete old workbooks with their files, and drafts that were never requested."""
        now = fields.Datetime.now()
        old = self.search(
            [
                '|',
                ('create_date', '<', now - timedelta(days=KEPT_DAYS)),
                '&',
                ('state', '=', 'draft'),
                ('create_date', '<', now - timedelta(days=KEPT_DRAFT_DAYS)),
            ],
            limit=1000,
        )
        old.unlink()
        return len(old), len(old) == 1000

    # === BUSINESS METHODS === #

    def _is_large(self):
        """Return whether the workbook is to be made in the background."""
        left = limit = LARGE if self.with_rows else LARGE_WITHOUT_ROWS
        book = self._get_book('')
        domains = (
            ('crm.workload.report', book.get_filter()),
            ('crm.stage.flow.report', book.get_filter()),
            ('crm.stage.change.report', book.in_days() & book.get_filter()),
            ('crm.communication.report', book.in_period() & book.get_filter()),
        )
        for model, domain in domains:
            left -= book.report(model).search_count(domain, limit=limit + 1)
            if left < 0:
                return True
        return False

    def _get_book(self, path):
        return Book(
            self._get_requester_env(),
            path,
            self.date_from,
            self.date_to,
            self.team_ids.ids,
            self.user_ids.ids,
            self.with_rows,
        )

    def _get_requester_env(self):
        """Return the environment of the requester, with their current rights.

        The companies are those that they had selected, unless they have lost access."""
        self.ensure_one()
        user = self.user_id
        companies = self.company_ids & user.company_ids
        if not user.active or not companies:
            raise UserError(
                self.env._("%(user)s has no access to the companies any more.", user=user.name)
            )
        main = self.company_id if self.company_id in companies else companies[0]
        env = self.env(
            user=user.id,
            su=False,
            context={
                'lang': user.lang,
                'tz': user.tz,
                'allowed_company_ids': (main | companies).ids,
            },
        )
        env[self._name].check_access('read')
        env[self._name]._check_may_export()
        return env

    def _make(self, progress=None):
        """Make the file of the workbook.
        :param progress: See `Book.make`.
        """
        self.ensure_one()
        with TemporaryDirectory() as folder:
            path = Path(folder, 'review.xlsx')
            book = self._get_book(str(path))
            book.make(progress)
            content = base64.b64encode(path.read_bytes())
        self.write({
            'file': content,
            'state': 'ready',
            'progress': 100,
            'made_at': fields.Datetime.now(),
            'row_count': sum(rows.count for rows in book.rows.values()),
        })

    def _make_in_background(self):
        """Make the file, and notify the requester of the result or the error."""
        commit = self.env['ir.cron']._commit_progress
        if self.attempts >= ATTEMPTS:
            self._fail(self.env._("It was given up after %(number)s attempts.", number=ATTEMPTS))
            return
        self.write({'state': 'running', 'progress': 5, 'attempts': self.attempts + 1})
        commit()

        def show(percent):
            self.progress = percent
            commit()

        try:
            self._make(show)
            if self.is_monthly:
                self._send()
            else:
                self._notify_ready()
        except OperationalError:
            # Another transaction was in the way, or the database: it is tried again.
            self.env.cr.rollback()
            _logger.info("Review workbook %s is tried again", self.id, exc_info=True)
            self.env.ref('sales_funnel_mgmt.ir_cron_review_workbooks')._trigger()
        except UserError as error:
            self.env.cr.rollback()
            self._fail(str(error))
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Review workbook %s could not be made", self.id)
            self._fail(self.env._("An error of the system, which its log has the details of."))

    def _fail(self, error):
        # A user may have deleted it in the meantime.
        if self.exists():
            self.write({'state': 'failed', 'error': error})
            self._notify(self.env._("Your review workbook could not be made"), error, 'danger')

    def _notify_ready(self):
        """Notify the requester that the workbook is ready."""
        workbook = self.with_context(lang=self.user_id.lang)
        self._notify(
            workbook.env._("Your review workbook is ready"), workbook.display_name, 'success'
        )

    def _notify(self, title, text, kind):
        """Notify the requester on the screen and by a message."""
        self.user_id._bus_send(
            'simple_notification',
            {'type': kind, 'title': title, 'message': text, 'sticky': True},
        )
        self.env['mail.thread'].message_notify(
            model=self._name,
            res_id=self.id,
            subject=title,
            body=Markup('<p>%s</p><p><a href="%s">%s</a></p>')
            % (text, f'{self.get_base_url()}/odoo/review-workbooks/{self.id}', self.display_name),
            partner_ids=self.user_id.partner_id.ids,
            email_layout_xmlid='mail.mail_notification_light',
        )
