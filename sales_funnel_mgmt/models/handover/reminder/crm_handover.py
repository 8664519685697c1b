"""Continue handovers with a scheduled action, and remind users of overdue tasks."""

from odoo import api, fields, models

from ...base.exclusive_job import exclusive_job
from ...base.naming import list_some_html

# Largest number of tasks that a message lists
NAMED = 50


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_continue_handovers(self):
        """Prepare the returns of leaves, continue each handover in progress, and commit after each."""
        leaves = self._find_due_leaves()
        handovers = self.search([('state', '=', 'in_progress')], order='id')
        remaining = len(leaves) + len(handovers)
        for leave in leaves:
            leave._prepare_return()
            remaining -= 1
            if not self.env['ir.cron']._commit_progress(1, remaining=remaining):
                return
        self._refresh_leaves()
        for handover in handovers:
            handover._continue()
            handover._remind_of_overdue_tasks()
            remaining -= 1
            if not self.env['ir.cron']._commit_progress(1, remaining=remaining):
                break

    # === BUSINESS METHODS === #

    def _remind_of_overdue_tasks(self):
        """Remind users once of each overdue task.

        The assigned user and the receiver of the opportunity get one message with their tasks. The
        responsible user of the handover gets one with all tasks.
        """
        self.ensure_one()
        today = self.company_id._get_sales_today()
        tasks = self.env['mail.activity'].search([
            ('handover_line_id.handover_id', '=', self.id),
            ('date_deadline', '<', today),
            ('handover_reminded_on', '=', False),
        ])
        if not tasks:
            return
        by_user = {}
        for task in tasks:
            for user in task.user_id | task.handover_line_id.to_user_id:
                by_user[user] = by_user.get(user, tasks.browse()) + task
        for user, user_tasks in by_user.items():
            if user != self.user_id:
                self._send_reminder(user, user_tasks)
        self._send_reminder(self.user_id, tasks)
        tasks.handover_reminded_on = today

    def _send_reminder(self, user, tasks):
        """Send a user one message with a list of overdue tasks."""
        in_lang = self.with_context(lang=user.lang or self.env.lang)

        def describe(task):
            return in_lang.env._(
                "%(date)s %(task)s: %(lead)s (%(user)s)",
                date=fields.Date.to_string(task.date_deadline),
                task=task.summary or task.activity_type_id.with_env(in_lang.env).name,
                lead=task.handover_line_id.display_name,
                user=task.user_id.name or "",
            )

        self.message_notify(
            partner_ids=user.partner_id.ids,
            subject=in_lang.env._(
                "%(handover)s: %(count)s tasks overdue", handover=self.name, count=len(tasks)
            ),
            body=list_some_html(in_lang.env, tasks, NAMED, describe),
            email_layout_xmlid='mail.mail_notification_layout',
            model_description=in_lang._description,
        )
