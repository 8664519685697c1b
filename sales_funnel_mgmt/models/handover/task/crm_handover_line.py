"""Create the tasks of handover lines, and close the lines when the tasks are done."""

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from ..crm_handover_line import ONGOING_STATES


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    # === BUSINESS METHODS === #

    def _get_plan_templates(self):
        """Return the tasks that the plan of the opportunity's stage has for this line.

        Plans that are archived or belong to another company are ignored. So are the tasks of a won
        customer that is visited for a later win.

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
        """Store the number of planned tasks, for the progress of waves that have not begun.

        The tasks of a customer with several won opportunities are planned for the latest one only.
        """
        won = self.filtered('stage_id.is_won').sorted(
            lambda line: (line.lead_id.date_closed or line.lead_id.create_date, line.lead_id.id)
        )
        wins_by_customer = won.grouped(lambda line: line.lead_id._get_customer_key())
        self.browse().union(*(wins[:-1] for wins in wins_by_customer.values())).is_repeat = True
        for count, lines in self.grouped(lambda line: len(line._get_plan_templates())).items():
            lines.planned_task_count = count

    @api.model
    def _begin_waves(self, wave_by_handover):
        """Begin waves of handovers; lines without mandatory tasks are finished at once. In sudo mode.

        :param dict wave_by_handover: Number of the wave to begin, by handover.
        """
        lines = self.search(
            Domain.OR(
                Domain('handover_id', '=', handover.id) & Domain('wave', '=', wave)
                for handover, wave in wave_by_handover.items()
            )
            & Domain('state', '=', 'waiting')
        )
        lines.filtered(lambda line: not line.lead_id)._skip_deleted()
        lines._begin()
        lines._finish()

    def _begin(self):
        """Create the tasks of these lines. In sudo mode."""
        self.filtered(lambda line: not line.transferred_at)._skip_closed()
        lines = self.filtered(lambda line: line.state == 'waiting' and line.lead_id)
        lines.state = 'in_progress'
        model_id = self.env['ir.model']._get_id('crm.lead')
        todays = {company: company._get_sales_today() for company in lines.company_id}
        values_list = [
            {
                'activity_type_id': template.activity_type_id.id,
                'summary': template.summary or template.activity_type_id.name,
                'note': template.note,
                'user_id': template._get_handover_responsible(line.lead_id, line).id,
                'date_deadline': max(
                    todays[line.company_id],
                    template._get_date_deadline(
                        max(todays[line.company_id], line.handover_id.planned_date)
                    ),
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
        # As superuser: the creator of an activity may change it. Here this would be the salesperson
        # who did the last task of the previous wave.
        self.env['mail.activity'].with_user(SUPERUSER_ID).with_context(
            mail_activity_quick_update=True, mail_notrack=True
        ).create(values_list)
        # Odoo subscribes the users who get an activity: the outgoing salesperson as well.
        lines.filtered('transferred_at')._unsubscribe_outgoing()

    def _advance(self):
        """Close the lines whose tasks are done, and begin the next waves. In sudo mode."""
        if self:
            self._finish()
            self.handover_id._start_waves()

    def _finish(self):
        """Close the lines whose mandatory tasks are done. In sudo mode.

        Lines that are not transferred yet are transferred first.
        """
        lines = self.filtered(lambda line: line.state == 'in_progress')
        lines.filtered(lambda line: not line.lead_id)._skip_deleted()
        lines = lines.filtered('lead_id')
        open_lines = self.env['mail.activity']._read_group(
            [('handover_line_id', 'in', lines.ids), ('is_handover_mandatory', '=', True)],
            ['handover_line_id'],
        )
        finished = lines - lines.browse([line.id for (line,) in open_lines])
        finished -= finished._hold_for_cancelled_tasks()
        late = finished.filtered(lambda line: not line.transferred_at)
        finished -= late - late._transfer_finished()
        finished.filtered(lambda line: line.state == 'in_progress').state = 'done'
        self._update_handover_user()

    def _note_cancelled_tasks(self, tasks):
        """Note that mandatory tasks of these lines are not done and about to be deleted. In sudo mode.

        :param mail.activity tasks: Activities that are about to be deleted.
        """
        # In sudo mode: the user who deletes a task may have no access to the handover.
        cancelled_sudo = tasks.sudo().filtered(
            lambda task: (
                task.active and task.is_handover_mandatory and task.handover_line_id in self
            )
        )
        for line, own_tasks in cancelled_sudo.grouped('handover_line_id').items():
            names = [
                *filter(None, [line.cancelled_tasks]),
                *(task.summary or task.activity_type_id.name for task in own_tasks),
            ]
            line.write({
                'cancelled_tasks': ", ".join(names),
                'cancelled_task_count': line.cancelled_task_count + len(own_tasks),
                'cancelled_task_reason': False,
            })

    def _hold_for_cancelled_tasks(self):
        """Return the lines whose mandatory tasks were deleted without a reason. In sudo mode."""
        held = self.filtered(lambda line: line.cancelled_tasks and not line.cancelled_task_reason)
        for tasks, lines in held.grouped('cancelled_tasks').items():
            lines.remark = self.env._(
                "Mandatory tasks were cancelled: %(tasks)s. A sales administrator has to give a reason.",
                tasks=tasks,
            )
        (self - held).filtered('cancelled_tasks').remark = False
        return held

    def _change_receiver(self, former):
        """Give the open tasks of the former receivers to the new ones. In sudo mode.

        :param dict former: Former receiver by line.
        """
        self.remark = False
        tasks = self.env['mail.activity'].search([('handover_line_id', 'in', self.ids)])
        for line, own_tasks in tasks.grouped('handover_line_id').items():
            own_tasks.filtered(
                lambda task, line=line: task.user_id == former[line.with_env(task.env)]
            ).user_id = line.to_user_id
        self._update_handover_user()

    def _transfer_finished(self):
        """Transfer opportunities whose tasks are done.

        Lines that cannot be transferred are skipped, or wait with the reason in their remark.

        :return: Lines that were transferred or skipped.
        :rtype: crm.handover.line
        """
        if not self:
            return self
        skipped = self._skip_changed()
        lines = self - skipped
        held = lines._hold_without_receiver()
        lines -= held
        held = lines.filtered_domain(self._get_held_by_lock_domain())
        held.remark = self.env._(
            "The stage has the salesperson lock: a sales administrator has to give a reason."
        )
        lines -= held
        # Opportunities that another transaction has locked are left to the scheduled action.
        free = lines.lead_id.try_lock_for_update(allow_referencing=True)
        lines = lines.filtered(lambda line: line.lead_id in free)
        lines._transfer()
        return lines + skipped

    def _skip(self, remark):
        """Skip these lines, and delete their open tasks. In sudo mode.

        :param str remark: Why the opportunities are not handed over.
        """
        if self:
            self._remove_open_tasks()
            self.write({'state': 'skipped', 'remark': remark})

    def _skip_deleted(self):
        """Skip these lines, whose opportunities are deleted or about to be. In sudo mode."""
        self._skip(self.env._("The opportunity was deleted or merged."))

    def _skip_closed(self):
        """Skip those of these lines whose opportunities were lost or archived. In sudo mode.

        :return: Lines that were skipped.
        :rtype: crm.handover.line
        """
        closed = self.filtered(lambda line: line.lead_id and not line.lead_id.active)
        closed._skip(self.env._("The opportunity was lost or archived."))
        return closed

    def _remove_open_tasks(self):
        """Delete the open tasks. Done tasks stay as a record."""
        activities = self.env['mail.activity'].search([('handover_line_id', 'in', self.ids)])
        # Unlink the activities from the lines first, so that their deletion does not advance the handover.
        activities.handover_line_id = False
        activities.unlink()

    def _update_handover_user(self):
        """Set the other salesperson who may read the opportunities during the handover.

        In sudo mode.
        """
        lines = self.filtered('lead_id')
        has_task = {
            (line.id, user.id)
            for line, user in self.env['mail.activity']._read_group(
                [('handover_line_id', 'in', lines.ids), ('user_id', 'in', lines.from_user_id.ids)],
                ['handover_line_id', 'user_id'],
            )
        }

        def get_handover_user(line):
            outgoing = line.from_user_id
            if line.transferred_at:
                reads = (line.id, outgoing.id) in has_task or line._is_on_leave()
                return outgoing if reads else outgoing.browse()
            return line.to_user_id if line.state in ONGOING_STATES else outgoing.browse()

        for user, group in lines.grouped(get_handover_user).items():
            leads = group.lead_id.filtered(lambda lead, user=user: lead.handover_user_id != user)
            if leads:
                leads.handover_user_id = user
