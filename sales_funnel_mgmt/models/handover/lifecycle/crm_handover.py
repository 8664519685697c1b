"""Start a handover, cancel it, or set it back to draft."""

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from ...base.arguments import check_one
from ...base.naming import list_some_html
from ..crm_handover_line import ONGOING_STATES

# Largest number of opportunities that a message lists
NAMED = 50


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_start(self):
        """Start the handover of the allocated opportunities.

        They are transferred at once, or each when its tasks are done, depending on the transfer mode.
        """
        check_one(self)
        self._check_may_run()
        self._check_state('draft')
        # In sudo mode: only the system writes the states. The user's right to run handovers was
        # checked above, and the access to the opportunities is checked below.
        handover_sudo = self.sudo()
        lines_sudo = handover_sudo.line_ids
        lines_sudo.lead_id.with_env(self.env).check_access('write')
        lines_sudo._lock_leads()
        lines_sudo.filtered(lambda line: not line.lead_id)._skip_deleted()
        documents_sudo = handover_sudo._prepare_documents()
        handover_sudo._end_leave()
        handover_sudo._check_salespeople()
        self._run_audit()
        self._check_findings()
        self._check_locks()
        handover_sudo._check_document_locks()
        lines_sudo.filtered(lambda line: line.state == 'draft' and not line.to_user_id)._skip(
            self.env._("No receiver: it stays where it is.")
        )
        ready_sudo = lines_sudo.filtered(lambda line: line.state == 'draft')
        if not ready_sudo and not documents_sudo:
            raise UserError(
                self.env._(
                    "There is nothing to hand over in %(handover)s. Please add customers and give them a "
                    "receiver.",
                    handover=self.name,
                )
            )
        handover_sudo.write({'state': 'in_progress', 'started_at': self.env.cr.now()})
        ready_sudo._set_planned_tasks()
        ready_sudo.state = 'waiting'
        documents_sudo.state = 'waiting'
        # Flush to check now, by the unique index, that no opportunity is in two handovers.
        ready_sudo.flush_recordset(['state'])
        handover_sudo._pause_assignment()
        if self.transfer_mode == 'now':
            (ready_sudo - ready_sudo._hold_without_receiver())._transfer()
        handover_sudo._start_waves()
        ready_sudo._update_handover_user()
        handover_sudo._notify_receivers()
        return True

    def action_cancel(self):
        """Cancel the handovers, and delete their open tasks. Transferred opportunities stay as they are."""
        self._check_may_run()
        self._check_state('draft', 'in_progress')
        # In sudo mode: only the system writes the states.
        self.sudo()._cancel()
        return True

    def action_draft(self):
        """Set cancelled handovers back to draft, unless they were started."""
        self._check_may_run()
        self._check_state('cancelled')
        started = self.filtered('started_at')
        if started:
            raise UserError(
                self.env._(
                    "%(handovers)s had been started: please make a new handover.",
                    handovers=", ".join(started.mapped('name')),
                )
            )
        # In sudo mode: only the system writes the states.
        self_sudo = self.sudo()
        self_sudo.write({'state': 'draft', 'ended_at': False})
        self_sudo.line_ids.state = 'draft'
        self_sudo.document_ids.state = 'draft'
        return True

    # === BUSINESS METHODS === #

    def _check_salespeople(self):
        """Check that the salespeople have not changed, and that no other handover has the opportunities.

        :raise UserError: If an opportunity has a new salesperson or is in another handover.
        """
        lines = self.line_ids.filtered(lambda line: line.state == 'draft')
        taken = self.env['crm.handover.line'].search([
            ('lead_id', 'in', lines.lead_id.ids),
            ('id', 'not in', lines.ids),
            ('state', 'in', ONGOING_STATES),
        ])
        if taken:
            raise UserError(
                self.env._(
                    "These opportunities are in another handover that is in progress (%(handovers)s): "
                    "%(leads)s. Please take them off this one.",
                    handovers=", ".join(taken.handover_id.mapped('name')),
                    leads=taken._name_some(),
                )
            )
        moved = lines.filtered(lambda line: line.lead_id.user_id != line.from_user_id)
        if moved:
            raise UserError(
                self.env._(
                    "These opportunities have changed hands since they were put on the handover: "
                    "%(leads)s. Please check them with “Audit”, or take them off.",
                    leads=moved._name_some(),
                )
            )

    def _check_locks(self):
        """Check that each line with a salesperson lock has a reason.

        :raise UserError: If a reason is missing.
        """
        held = self.env['crm.handover.line'].search([
            ('handover_id', 'in', self.ids),
            *self.env['crm.handover.line']._get_held_by_lock_domain(),
        ])
        if held:
            raise UserError(
                self.env._(
                    "The stage of these opportunities has the salesperson lock: %(leads)s. Please give "
                    "a reason in each of their lines, or take them off the handover.",
                    leads=held._name_some(),
                )
            )

    def _pause_assignment(self):
        """Pause the lead assignment of outgoing salespeople who leave."""
        for handover in self.filtered(lambda one: one.reason in ('departure', 'leave')):
            members = self.env['crm.team.member'].search([
                ('user_id', '=', handover.from_user_id.id),
                ('assignment_optout', '=', False),
            ])
            if handover.from_user_id and members:
                members.assignment_optout = True
                handover.optout_member_ids = members

    def _resume_assignment(self):
        """Resume the lead assignment that the start has paused."""
        self.optout_member_ids.assignment_optout = False
        self.optout_member_ids = False

    def _cancel(self):
        """Cancel the handovers. In sudo mode."""
        # First: who reads the opportunities of a leave depends on the state.
        self.write({'state': 'cancelled', 'ended_at': self.env.cr.now()})
        self._settle()

    def _settle(self):
        """End what is in progress: delete open tasks, and leave as it is what was not transferred."""
        lines = self.line_ids
        ongoing = lines.filtered(lambda line: line.state in ONGOING_STATES)
        ongoing._remove_open_tasks()
        ongoing.filtered('transferred_at').state = 'done'
        lines.filtered(lambda line: line.state in ('draft', *ONGOING_STATES)).state = 'cancelled'
        self.document_ids.filtered(
            lambda document: document.state in ('draft', 'waiting')
        ).state = 'cancelled'
        lines._update_handover_user()
        self._resume_assignment()

    def _notify_receivers(self):
        """Send each receiver one message with the list of their opportunities."""
        for handover in self:
            lines = handover.line_ids.filtered(lambda line: line.state in (*ONGOING_STATES, 'done'))
            for user, user_lines in lines.grouped('to_user_id').items():
                if handover._get_receiver_problem(user):
                    continue
                in_lang = handover.with_context(lang=user.lang or self.env.lang)
                in_lang.message_notify(
                    partner_ids=user.partner_id.ids,
                    subject=in_lang.env._(
                        "%(count)s opportunities are handed over to you", count=len(user_lines)
                    ),
                    body=in_lang._get_receiver_message(user_lines),
                    email_layout_xmlid='mail.mail_notification_layout',
                    model_description=in_lang._description,
                )

    def _get_receiver_message(self, lines):
        """Return the body of the message to a receiver.

        :param crm.handover.line lines: Lines of the receiver.
        :rtype: Markup
        """
        outgoing = self.from_user_id.name
        intro = (
            self.env._(
                "You take over %(count)s opportunities from %(giver)s:",
                count=len(lines),
                giver=outgoing,
            )
            if outgoing
            else self.env._("You take over %(count)s opportunities:", count=len(lines))
        )

        def describe(line):
            stage = line.stage_id.with_env(self.env)
            return " · ".join(
                filter(None, (line.display_name, line.partner_id.display_name, stage.name))
            )

        items = list_some_html(self.env, lines, NAMED, describe)
        note = Markup("<p>%s</p>") % self.note if self.note else Markup()
        return Markup("<p>%s</p>%s%s") % (intro, items, note)
