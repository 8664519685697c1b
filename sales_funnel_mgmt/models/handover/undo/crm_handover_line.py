"""Give opportunities back to their previous salespeople within 24 hours after the transfer."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..transfer.crm_handover_line import QUIET, QUIET_MEETING

UNDO_HOURS = 24


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === ACTION METHODS === #

    def action_undo(self):
        """Give back opportunities that were transferred less than 24 hours ago."""
        handovers = self.handover_id
        handovers._check_may_run()
        # In sudo mode: only the system writes the states.
        lines_sudo = self.sudo()
        lines_sudo.lead_id.with_env(self.env).check_access('write')
        lines_sudo._undo()
        handovers.sudo()._cancel_if_undone()
        return True

    # === BUSINESS METHODS === #

    def _get_undo_domain(self):
        """Return the domain of the lines whose transfer can be undone."""
        return self._get_undo_time_domain() & Domain([
            ('state', 'in', ('waiting', 'in_progress', 'done')),
            ('lead_id', '!=', False),
        ])

    @api.model
    def _get_undo_time_domain(self):
        """Return the domain of what was transferred in the last 24 hours."""
        return Domain('transferred_at', '>', fields.Datetime.now() - timedelta(hours=UNDO_HOURS))

    def _undo(self):
        """Give the opportunities back to their previous salespeople. In sudo mode.

        :raise UserError: If one was transferred too long ago, or has changed since.
        """
        late = self - self.filtered_domain(self._get_undo_domain())
        if late:
            raise UserError(
                self.env._(
                    "Only what was transferred in the last 24 hours can be given back. This was not: "
                    "%(leads)s",
                    leads=late._name_some(),
                )
            )
        self._check_outgoing()
        self._lock_leads()
        moved = self._filter_moved_since()
        if moved:
            raise UserError(
                self.env._(
                    "Since the transfer, something else has moved these opportunities, so that they "
                    "cannot be given back: %(leads)s. You can hand them over again.",
                    leads=moved._name_some(),
                )
            )
        self._remove_open_tasks()
        old_values = {
            lead.id: {'user_id': lead.user_id, 'team_id': lead.team_id} for lead in self.lead_id
        }
        for (user, team), lines in self.grouped(
            lambda line: (line.from_user_id, line.previous_team_id)
        ).items():
            lines.lead_id.with_context(**QUIET)._hand_over({
                'user_id': user.id,
                'team_id': team.id,
            })
        self.env['crm.stage.history']._note_handover(self)
        self._move_activities_back()
        self._log_on_leads(old_values, {}, is_undone=True)
        self.write({'state': 'undone', 'transferred_at': False, 'moved_records': False})
        self._update_handover_user()

    def _check_outgoing(self):
        """Check that the outgoing salespeople can work with their opportunities again.

        :raise UserError: If one was deleted or archived, or has no rights any more.
        """
        problems = []
        for (handover, user, name), lines in self.grouped(
            lambda line: (line.handover_id, line.from_user_id, line.from_user_name)
        ).items():
            if user:
                problem = handover._get_receiver_problem(user)
            else:
                problem = name and self.env._("%(user)s was deleted.", user=name)
            if problem:
                problems.append(f"- {problem} ({lines._name_some()})")
        if problems:
            raise UserError(
                self.env._(
                    "These opportunities cannot be given back to their former salespeople:\n\n"
                    "%(problems)s\n\n"
                    "Hand them over to somebody else in a new handover, or restore the users first.",
                    problems="\n".join(problems),
                )
            )

    def _filter_moved_since(self):
        """Return the lines whose opportunity has changed salesperson, team or stage since the transfer."""
        later = self.env['crm.stage.history']._read_group(
            [('lead_id', 'in', self.lead_id.ids), ('left_at', '=', False)],
            ['lead_id'],
            ['entered_at:max'],
        )
        entered_by_lead = dict(later)
        return self.filtered(
            lambda line: (
                line.lead_id.user_id != line.to_user_id
                or line.lead_id.team_id != line.to_team_id
                or entered_by_lead.get(line.lead_id, line.transferred_at) > line.transferred_at
            )
        )

    def _move_activities_back(self):
        """Give back the activities and meetings that the receiver got with the transfer and still has."""
        ids = {'activity_ids': set(), 'meeting_ids': set()}
        for line in self:
            for kind, moved_ids in (line.moved_records or {}).items():
                ids[kind].update(moved_ids)
        line_by_lead = {line.lead_id.id: line for line in self}
        activities = (
            self.env['mail.activity'].with_context(**QUIET).browse(ids['activity_ids']).exists()
        )
        meetings = (
            self
            .env['calendar.event']
            .with_context(**QUIET_MEETING)
            .browse(ids['meeting_ids'])
            .exists()
        )
        for user, records in activities.grouped(
            lambda activity: line_by_lead[activity.res_id].from_user_id
        ).items():
            records.filtered(
                lambda one: one.user_id == line_by_lead[one.res_id].to_user_id
            ).user_id = user
        for (organizer, previous_organizer), records in (
            meetings
            .filtered('opportunity_id')
            .grouped(
                lambda meeting: (
                    line_by_lead[meeting.opportunity_id.id].to_user_id,
                    line_by_lead[meeting.opportunity_id.id].from_user_id,
                )
            )
            .items()
        ):
            self._change_organizer(
                records.filtered(lambda one, user=organizer: one.user_id == user),
                organizer,
                previous_organizer,
            )
