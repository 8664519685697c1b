"""The tasks of a handover: wave by wave, each made in one go."""

from odoo import SUPERUSER_ID, fields, models

from ..crm_handover_line import ONGOING_STATES


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === BUSINESS METHODS === #

    def _get_plan_templates(self):
        """Return the tasks that the plan of the present stage has for this line; an archived plan, or
        one of another company, has none.

        :rtype: mail.activity.plan.template
        """
        self.ensure_one()
        stage = self.lead_id.stage_id
        plan = stage.handover_plan_id
        if (
            not plan.active
            or (plan.company_id and plan.company_id != self.company_id)
            or (self.is_repeat and stage.is_won)
        ):
            return plan.template_ids.browse()
        return plan.template_ids

    def _set_planned_tasks(self):
        """Note how many tasks there will be, for the progress of waves that have not begun; a customer
        who was won several times is visited once."""
        won = self.filtered('stage_id.is_won').sorted(
            lambda line: (line.lead_id.date_closed or line.lead_id.create_date, line.lead_id.id)
        )
        for lines in won.grouped(lambda line: line.lead_id._get_customer_key()).values():
            lines[:-1].is_repeat = True
        for count, lines in self.grouped(lambda line: len(line._get_plan_templates())).items():
            lines.planned_task_count = count

    def _begin(self):
        """Make the tasks of these lines, all of them at once. In sudo mode."""
        closed = self.filtered(
            lambda line: line.lead_id and not line.lead_id.active and not line.transferred_at
        )
        closed._skip(self.env._("The opportunity was lost or archived."))
        lines = self.filtered(lambda line: line.state == 'waiting' and line.lead_id)
        lines.state = 'in_progress'
        model_id = self.env['ir.model']._get_id('crm.lead')
        today = fields.Date.context_today(self)
        values_list = [
            {
                'activity_type_id': template.activity_type_id.id,
                'summary': template.summary or template.activity_type_id.name,
                'note': template.note,
                'user_id': template._get_handover_responsible(line.lead_id, line).id,
                'date_deadline': max(
                    today,
                    template._get_date_deadline(max(today, line.handover_id.planned_date)),
                ),
                'res_model_id': model_id,
                'res_id': line.lead_id.id,
                'automated': True,
                'handover_line_id': line.id,
                'is_handover_mandatory': template.is_handover_mandatory,
            }
            for line in lines
            if line.lead_id.active
            for template in line._get_plan_templates()
        ]
        # By the system: Odoo lets whoever made an activity change it, and here that would be the
        # salesperson who did the last task of the wave before.
        self.env['mail.activity'].with_user(SUPERUSER_ID).with_context(
            mail_activity_quick_update=True, mail_notrack=True
        ).create(values_list)
        # being made responsible for a task is no reason to get all the messages that follow
        lines.filtered('transferred_at')._unfollow_outgoing()
        lines._set_handover_partner()

    def _advance(self):
        """Close the lines whose tasks are done, and begin the next waves. In sudo mode."""
        self._finish()
        self.handover_id._start_waves()

    def _finish(self):
        """Close the lines whose mandatory tasks are done, and transfer them if they were waiting for
        that. In sudo mode."""
        lines = self.filtered(lambda line: line.state == 'in_progress')
        lines.filtered(lambda line: not line.lead_id)._skip(
            self.env._("The opportunity was deleted or merged.")
        )
        lines = lines.filtered('lead_id')
        open_lines = self.env['mail.activity']._read_group(
            [('handover_line_id', 'in', lines.ids), ('is_handover_mandatory', '=', True)],
            ['handover_line_id'],
        )
        finished = lines - lines.browse([line.id for (line,) in open_lines])
        late = finished.filtered(lambda line: not line.transferred_at)
        finished -= late - late._transfer_late()
        finished.filtered(lambda line: line.state == 'in_progress').state = 'done'
        self._set_handover_partner()

    def _transfer_late(self):
        """Transfer opportunities whose tasks are done; what cannot be now says why in its remark.

        :return: The lines that are finished with that.
        :rtype: crm.handover.line
        """
        if not self:
            return self
        closed = self.filtered(lambda line: not line.lead_id.active)
        closed._skip(self.env._("The opportunity was lost or archived."))
        moved = (self - closed).filtered(lambda line: line.lead_id.user_id != line.from_user_id)
        moved._skip(self.env._("Someone else has changed the salesperson."))
        lines = self - closed - moved
        held = lines.filtered_domain(self._get_held_by_lock_domain())
        held.remark = self.env._(
            "The stage has the salesperson lock: a sales administrator has to give a reason."
        )
        lines -= held
        # what someone else is changing this moment is transferred by the next run of the scheduled action
        free = lines.lead_id.try_lock_for_update(allow_referencing=True)
        lines = lines.filtered(lambda line: line.lead_id in free)
        lines._transfer()
        return lines + closed + moved

    def _skip(self, remark):
        """Leave these opportunities out, and say why. In sudo mode."""
        if self:
            self._remove_open_tasks()
            self.write({'state': 'skipped', 'remark': remark})

    def _remove_open_tasks(self):
        """Remove the tasks that are not done; those that are done stay as a record."""
        activities = self.env['mail.activity'].search([('handover_line_id', 'in', self.ids)])
        # no longer a task: its end is not to bring the handover forward
        activities.handover_line_id = False
        activities.unlink()

    def _set_handover_partner(self):
        """Note on the opportunities who else may read them meanwhile. In sudo mode."""
        lines = self.filtered('lead_id')
        has_task = {
            (line.id, user.id)
            for line, user in self.env['mail.activity']._read_group(
                [('handover_line_id', 'in', lines.ids), ('user_id', 'in', lines.from_user_id.ids)],
                ['handover_line_id', 'user_id'],
            )
        }

        def partner_of(line):
            if line.transferred_at:
                giver = line.from_user_id
                return giver if (line.id, giver.id) in has_task else giver.browse()
            if line.state in ONGOING_STATES:
                return line.to_user_id
            return line.to_user_id.browse()

        for user, group in lines.grouped(partner_of).items():
            leads = group.lead_id.filtered(lambda lead, user=user: lead.handover_user_id != user)
            if leads:
                leads.handover_user_id = user


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    def _start_waves(self):
        """Begin the next wave of each handover whose running one is done; when there is none left,
        the handover is done. In sudo mode."""
        for handover in self.filtered(lambda one: one.state == 'in_progress'):
            while True:
                states = self.env['crm.handover.line']._read_group(
                    [('handover_id', '=', handover.id), ('state', 'in', ONGOING_STATES)],
                    ['state'],
                    ['wave:min'],
                )
                wave_by_state = dict(states)
                if 'in_progress' in wave_by_state:
                    break
                if 'waiting' not in wave_by_state:
                    handover.write({'state': 'done', 'ended_at': self.env.cr.now()})
                    break
                handover._begin_wave(wave_by_state['waiting'])

    def _begin_wave(self, wave):
        """Begin a wave; what has no mandatory tasks is finished with that."""
        self.ensure_one()
        lines = self.env['crm.handover.line'].search([
            ('handover_id', '=', self.id),
            ('state', '=', 'waiting'),
            ('wave', '=', wave),
        ])
        lines.filtered(lambda line: not line.lead_id)._skip(
            self.env._("The opportunity was deleted or merged.")
        )
        lines._begin()
        lines._finish()
