"""Subscribe users to the monthly review workbook, and request it in their name."""

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools.date_utils import end_of

from ...base.exclusive_job import exclusive_job
from ...base.months import first_of_month


class ResUsers(models.Model):
    _inherit = 'res.users'

    review_workbook = fields.Boolean(
        string="Monthly Review Workbook",
        help="At the beginning of each month, an e-mail brings the review workbook of the month before: "
        "funnel, quota vs. actual, stage changes, stalled, communications, workload and handovers, as "
        "far as you may see them.",
    )
    review_workbook_month = fields.Date(
        string="Last Monthly Review Workbook",
        readonly=True,
        system=True,
        copy=False,
        help="First day of the month that the last monthly review workbook was about. Each month is sent "
        "once.",
    )

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_ask_for_review_workbooks(self):
        """Request the workbooks that are due.

        The action runs several times a day, since a month begins at different hours in different time
        zones. The scheduled action of all workbooks makes and sends them."""
        readers = self._get_review_workbook_readers()
        self.env['ir.cron']._commit_progress(remaining=len(readers))
        # In one transaction with the date of the request: an interruption causes no second one.
        readers.try_lock_for_update()._request_review_workbook()
        self.env['ir.cron']._commit_progress(len(readers), remaining=0)

    @api.model
    def _get_review_workbook_readers(self):
        """Return the subscribers who may export and have not got the workbook this month."""
        exporter = self.env.ref('base.group_allow_export')
        return self._get_subscribers('review_workbook').filtered(
            lambda reader: (
                exporter in reader.all_group_ids
                and (
                    not reader.review_workbook_month
                    or reader.review_workbook_month < reader._get_last_month()
                )
            )
        )

    # === BUSINESS METHODS === #

    def _request_review_workbook(self):
        """Request the workbook of last month for each of the users, and store that this is done."""
        if not self:
            return
        # In sudo mode: it is requested in the name of the users, who have subscribed to it.
        self.env['crm.review.workbook'].sudo().create([
            {
                'user_id': reader.id,
                'company_ids': reader.company_ids.ids,
                'company_id': reader.company_id.id,
                'period': 'custom',
                'date_from': reader._get_last_month(),
                'date_to': end_of(reader._get_last_month(), 'month'),
                'state': 'waiting',
                'is_monthly': True,
            }
            for reader in self
        ])
        for month, readers in self.grouped(lambda reader: reader._get_last_month()).items():
            readers.review_workbook_month = month
        self.env.ref('sales_funnel_mgmt.ir_cron_review_workbooks')._trigger()

    def _get_last_month(self):
        """Return the first day of the month before the current one of the user."""
        return first_of_month(self._get_local_today()) - relativedelta(months=1)
