"""Transfer the opportunities of a handover to their receivers."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..crm_handover_line import ONGOING_STATES

# No message for each record: receivers get one message, and the changes are logged in batch.
QUIET = {
    'mail_auto_subscribe_no_notify': True,
    'mail_notrack': True,
    'mail_activity_quick_update': True,
}


# The same for meetings, whose attendees Odoo would write to
QUIET_MEETING = {**QUIET, 'no_mail_to_attendees': True, 'dont_notify': True}


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === ACTION METHODS === #

    def action_transfer(self):
        """Transfer the opportunities now, without waiting for their tasks.

        Opportunities that are lost by now, or that somebody else has given to another salesperson, are
        skipped, as at the start.
        """
        self.handover_id._check_may_run()
        self.handover_id._check_state('in_progress')
        # In sudo mode: only the system writes the states.
        lines_sudo = self.sudo().filtered(
            lambda line: line.state in ONGOING_STATES and not line.transferred_at
        )
        lines_sudo._lock_leads()
        lines_sudo -= lines_sudo._skip_changed()
        for handover, own_lines in lines_sudo.grouped('handover_id').items():
            handover._check_can_receive(own_lines.to_user_id)
        held_sudo = lines_sudo.filtered_domain(self._get_held_by_lock_domain())
        if held_sudo:
            raise UserError(
                self.env._(
                    "The stage of these opportunities has the salesperson lock: %(leads)s. Please give "
                    "a reason in each of their lines.",
                    leads=held_sudo._name_some(),
                )
            )
        lines_sudo.lead_id.with_env(self.env).check_access('write')
        lines_sudo._transfer()
        self.sudo()._advance()
        return True

    # === BUSINESS METHODS === #

    def _lock_leads(self):
        """Lock the opportunities in the database until the end of the transaction.

        :raise UserError: If another transaction is changing one of them.
        """
        free = self.lead_id.try_lock_for_update(allow_referencing=True)
        busy = self.filtered(lambda line: line.lead_id and line.lead_id not in free)
        if busy:
            raise UserError(
                self.env._(
                    "Someone else is changing these opportunities this very moment, perhaps in "
                    "another handover: %(leads)s. Nothing was handed over; please try again.",
                    leads=busy._name_some(),
                )
            )

    def _skip_changed(self):
        """Skip lines whose opportunity is deleted, lost or with another salesperson. In sudo mode.

        :return: Lines that were skipped.
        :rtype: crm.handover.line
        """
        deleted = self.filtered(lambda line: not line.lead_id)
        deleted._skip_deleted()
        closed = (self - deleted)._skip_closed()
        moved = (self - deleted - closed).filtered(
            lambda line: line.lead_id.user_id != line.from_user_id
        )
        moved._skip(self.env._("Someone else has changed the salesperson."))
        return deleted + closed + moved

    def _hold_without_receiver(self):
        """Return the lines whose receiver cannot work with the opportunities. In sudo mode.

        The remark of these lines says why, until they are transferred.
        """
        held = self.browse()
        for (handover, user), lines in self.grouped(
            lambda line: (line.handover_id, line.to_user_id)
        ).items():
            if problem := handover._get_receiver_problem(user):
                lines.remark = self.env._(
                    "%(problem)s The opportunity waits: please choose another receiver.",
                    problem=problem,
                )
                held += lines
        return held

    def _transfer(self):
        """Give the opportunities, with open activities and meetings, to the receivers. In sudo mode.

        The number of SQL statements depends on the receivers and teams, not on the number of lines.
        """
        lines = self.filtered('lead_id')
        leads = lines.lead_id
        leads.fetch([
            'user_id',
            'team_id',
            'stage_id',
            'company_id',
            'name',
            'won_status',
            'active',
        ])
        old_values = {lead.id: {'user_id': lead.user_id, 'team_id': lead.team_id} for lead in leads}
        reasons = {
            line.lead_id.id: line.override_reason
            for line in lines
            if line.lead_id.is_salesperson_locked
        }
        team_by_line = lines._find_teams()
        for (previous_team, team), group in lines.grouped(
            lambda line: (line.lead_id.team_id, team_by_line[line])
        ).items():
            group.write({'previous_team_id': previous_team.id, 'to_team_id': team.id})
        for (user, team), group in lines.grouped(
            lambda line: (line.to_user_id, line.to_team_id)
        ).items():
            # Write the team as well: Odoo would choose another one, and perhaps another stage.
            group.lead_id.with_context(**QUIET)._hand_over({'user_id': user.id, 'team_id': team.id})
        lines._unsubscribe_outgoing()
        lines._move_activities()
        lines._log_on_leads(old_values, reasons)
        # An undo is refused after later changes. Flush so that none of these is later than the transfer.
        self.env.flush_all()
        self.env['crm.stage.history']._note_handover(lines)
        lines.write({
            'transferred_at': fields.Datetime.now(),
            'transferred_by_id': self.env.uid,
            'remark': False,
        })

    def _find_teams(self):
        """Return the new sales team of each opportunity.

        This is the present team if the receiver belongs to it or leads it. Otherwise it is the
        receiver's first team that works with the stage, because a handover does not move the stage.
        If there is none, the present team stays.

        :rtype: dict[crm.handover.line, crm.team]
        """
        memberships = self.env['crm.team.member'].search(
            [('user_id', 'in', self.to_user_id.ids), ('crm_team_id.active', '=', True)],
            order='create_date, id',
        )
        led = self.env['crm.team'].search([('user_id', 'in', self.to_user_id.ids)])
        teams_by_user = {
            user: (
                memberships.filtered(lambda member, user=user: member.user_id == user).crm_team_id
                | led.filtered(lambda team, user=user: team.user_id == user)
            )
            for user in self.to_user_id
        }
        result = {}
        for line in self:
            lead = line.lead_id
            teams = teams_by_user[line.to_user_id]
            possible = teams.filtered(
                lambda team, lead=lead, company=line.company_id: (
                    team.use_opportunities
                    and (not team.company_id or team.company_id == company)
                    and (not lead.stage_id.team_ids or team in lead.stage_id.team_ids)
                )
            )
            result[line] = lead.team_id if lead.team_id in teams or not possible else possible[0]
        return result

    def _unsubscribe_outgoing(self):
        """Unsubscribe the outgoing salespeople from the opportunities."""
        for user, lines in self.grouped('from_user_id').items():
            if user and user != self.env.ref('base.user_root'):
                lines.lead_id.message_unsubscribe(user.partner_id.ids)

    def _move_activities(self):
        """Reassign the open activities and future meetings of the outgoing salespeople."""
        Activity = self.env['mail.activity'].with_context(**QUIET)
        # Include activities that were reassigned when the outgoing salesperson was archived.
        activities = Activity.search([
            ('res_model', '=', 'crm.lead'),
            ('res_id', 'in', self.lead_id.ids),
            '|',
            ('user_id', 'in', self.from_user_id.ids),
            ('former_user_id', 'in', self.from_user_id.ids),
            ('handover_line_id', '=', False),
        ])
        Meeting = self.env['calendar.event'].with_context(**QUIET_MEETING)
        meetings = Meeting.search([
            ('opportunity_id', 'in', self.lead_id.ids),
            ('user_id', 'in', self.from_user_id.ids),
            ('start', '>', fields.Datetime.now()),
        ])
        line_by_lead = {line.lead_id.id: line for line in self}
        moved = {}
        for (_outgoing, receiver), records in self._group_moved(activities, 'res_id', line_by_lead):
            records.user_id = receiver
            for record in records:
                moved.setdefault(record.res_id, {}).setdefault('activity_ids', []).append(record.id)
        for (outgoing, receiver), records in self._group_moved(
            meetings, 'opportunity_id', line_by_lead
        ):
            self._change_organizer(records, outgoing, receiver)
            for record in records:
                moved.setdefault(record.opportunity_id.id, {}).setdefault('meeting_ids', []).append(
                    record.id
                )
        # Each line has a value of its own. The ORM stores them with one statement at the next flush.
        for lead_id, ids in moved.items():
            line_by_lead[lead_id].moved_records = ids

    def _group_moved(self, records, lead_field, line_by_lead):
        """Group activities or meetings by their outgoing salesperson and their receiver.

        Records that do not belong to the outgoing salesperson are left out.

        :return: Pairs of (outgoing salesperson, receiver) and records.
        """

        def line_of(record):
            lead_id = record[lead_field]
            return line_by_lead[lead_id if isinstance(lead_id, int) else lead_id.id]

        def belongs_to_outgoing(record):
            former = record.former_user_id if 'former_user_id' in record._fields else False
            return (former or record.user_id) == line_of(record).from_user_id

        return (
            records
            .filtered(belongs_to_outgoing)
            .grouped(lambda record: (line_of(record).from_user_id, line_of(record).to_user_id))
            .items()
        )

    def _change_organizer(self, meetings, old_user, new_user):
        """Replace the organizer of meetings, also among the attendees."""
        meetings.write({
            'user_id': new_user.id,
            'partner_ids': [
                Command.unlink(old_user.partner_id.id),
                Command.link(new_user.partner_id.id),
            ],
        })

    def _log_on_leads(self, old_values, reasons, is_undone=False):
        """Log the changes of salesperson and team in the chatter of the opportunities, in batch.

        :param dict old_values: Previous salesperson and team, by ID of the opportunity.
        :param dict reasons: Reasons for handing over locked opportunities, by ID of the opportunity.
        :param bool is_undone: Log an undo instead of a handover.
        """
        leads = self.lead_id
        line_by_lead = {line.lead_id.id: line for line in self}
        bodies = {}
        for lead in leads:
            name = line_by_lead[lead.id].handover_id.name
            if is_undone:
                bodies[lead.id] = self.env._("The handover %(handover)s was undone.", handover=name)
            elif lead.id in reasons:
                bodies[lead.id] = self.env._(
                    "Handed over in %(handover)s in spite of the salesperson lock: %(reason)s",
                    handover=name,
                    reason=reasons[lead.id],
                )
            else:
                bodies[lead.id] = self.env._("Handed over in %(handover)s.", handover=name)
        messages = leads._message_log_batch(bodies)
        Tracking = self.env['mail.tracking.value']
        infos = leads.fields_get(['user_id', 'team_id'], attributes=['string', 'type'])
        Tracking.create([
            {
                **Tracking._create_tracking_values(
                    old_values[lead.id][name], lead[name], name, info, lead
                ),
                'mail_message_id': message.id,
            }
            for lead, message in zip(leads, messages, strict=True)
            for name, info in infos.items()
            if old_values[lead.id][name] != lead[name]
        ])
