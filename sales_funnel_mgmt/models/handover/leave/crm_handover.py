"""Prepare the return of a leave: a draft that gives the customers back."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ...base.arguments import check_day, check_one

# Days before the return on which the responsible user finds the draft
NOTICE_DAYS = 7
# Leaves that were started. Of a leave that was cancelled, nothing returns.
LEAVES = Domain([('reason', '=', 'leave'), ('state', 'in', ('in_progress', 'done'))])


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    return_date = fields.Date(
        copy=False,
        tracking=True,
        help="Day on which the outgoing salesperson is back. A week before, the responsible user finds "
        "a draft handover that gives back what is still open and still with the receivers. Without a "
        "date, use “Bring Back”.",
    )
    leave_id = fields.Many2one(
        comodel_name='crm.handover',
        readonly=True,
        system=True,
        copy=False,
        ondelete='set null',
        index='btree_not_null',
        help="Handover of the leave whose customers this handover brings back.",
    )
    return_ids = fields.One2many(
        comodel_name='crm.handover',
        inverse_name='leave_id',
        string="Returns",
        readonly=True,
        system=True,
        help="Handovers that bring the customers of this leave back.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('return_date', 'planned_date')
    def _check_return_date(self):
        for handover in self.filtered('return_date'):
            check_day(self.env, handover.return_date)
            if handover.return_date <= handover.planned_date:
                raise ValidationError(
                    self.env._(
                        "The return date of %(handover)s must be after its planned date.",
                        handover=handover.name,
                    )
                )

    # === ACTION METHODS === #

    def action_bring_back(self):
        """Open the draft that brings the customers of this leave back. Create it if there is none."""
        check_one(self)
        self._check_may_run()
        if not self.filtered_domain(LEAVES):
            raise UserError(
                self.env._(
                    "%(handover)s is not a leave that was started: there is nothing to bring back.",
                    handover=self.name,
                )
            )
        draft = self.return_ids.filtered(lambda one: one.state == 'draft')[:1]
        draft = draft or self._create_return()
        if not draft:
            raise UserError(
                self.env._(
                    "Nothing of %(handover)s is still open and still with its receivers.",
                    handover=self.name,
                )
            )
        return draft.get_formview_action()

    # === BUSINESS METHODS === #

    @api.model
    def _find_due_leaves(self):
        """Return the leaves that end within a week and whose return was not prepared yet. In sudo mode."""
        limit = fields.Date.context_today(self) + timedelta(days=NOTICE_DAYS)
        return self.search(
            LEAVES & Domain([('return_date', '<=', limit), ('return_ids', '=', False)])
        )

    def _prepare_return(self):
        """Create the draft of the return, and plan it for the responsible user. In sudo mode."""
        self.ensure_one()
        draft = self._create_return()
        if not draft:
            return
        in_lang = self.with_context(lang=self.user_id.lang or self.env.lang)
        draft.activity_schedule(
            'mail.mail_activity_data_todo',
            date_deadline=self.return_date,
            summary=in_lang.env._(
                "%(user)s is back: return the customers of %(handover)s",
                user=self.from_user_id.name or in_lang.env._("A salesperson"),
                handover=self.name,
            ),
            user_id=self.user_id.id,
        )

    def _create_return(self):
        """Create a draft that gives back what is still open and still with the receivers.

        What was won or lost meanwhile stays with the receivers, and so does what they have begun.

        :return: The draft. Empty if there is nothing to give back.
        :rtype: crm.handover
        """
        self.ensure_one()
        # In sudo mode: only the system writes lines and documents. The rights were checked.
        handover_sudo = self.sudo()
        lines_sudo = handover_sudo.line_ids._filter_returning()
        documents_sudo = handover_sudo.document_ids._filter_returning()
        if not lines_sudo and not documents_sudo:
            return self.browse()
        owners = (lines_sudo.from_user_id | documents_sudo.from_user_id).filtered(
            lambda user: not self._get_receiver_problem(user)
        )
        deputies = lines_sudo.to_user_id | documents_sudo.to_user_id
        draft_sudo = handover_sudo.create({
            'company_id': self.company_id.id,
            'user_id': self.user_id.id,
            'from_user_id': deputies.id if len(deputies) == 1 else False,
            'reason': 'return',
            'planned_date': self.return_date or fields.Date.context_today(self),
            'allocation_method': 'manual',
            'receiver_ids': [Command.create({'user_id': user.id}) for user in owners],
            'leave_id': self.id,
        })
        draft_sudo._create_lines(lines_sudo.lead_id)
        draft_sudo._add_documents([
            (kind, record)
            for kind, own in documents_sudo._group_by_kind()
            for record in own._get_records()
        ])
        owner_by_customer = {
            customer.customer_id: (
                customer.line_ids.from_user_id or customer.document_ids.from_user_id
            )[:1]
            for customer in handover_sudo.customer_ids
        }
        owner_by_lead = {line.lead_id: line.from_user_id for line in lines_sudo}
        for owner, customers in draft_sudo.customer_ids.grouped(
            lambda customer: (
                owner_by_lead.get(customer.line_ids[:1].lead_id)
                or owner_by_customer.get(customer.customer_id)
            )
        ).items():
            if owner in owners:
                customers.to_user_id = owner
        draft_sudo.with_env(self.env)._run_audit()
        return draft_sudo.with_env(self.env)

    @api.model
    def _refresh_leaves(self):
        """Follow what happens to the customers of salespeople on leave. In sudo mode.

        What was closed or has changed hands is taken off the drafts of returns, and is no longer open
        to the salesperson on leave.
        """
        leaves = self.search(LEAVES).filtered(
            lambda leave: not any(one.state in ('in_progress', 'done') for one in leave.return_ids)
        )
        leaves.line_ids.filtered('transferred_at')._update_handover_user()
        leaves.return_ids.filtered(lambda one: one.state == 'draft')._refresh_return()

    def _end_leave(self):
        """End the leaves of these returns. In sudo mode.

        Their open tasks are deleted, and what they have not transferred yet stays with the salesperson
        who is back.
        """
        leaves = self.leave_id
        ongoing = leaves.filtered(lambda leave: leave.state == 'in_progress')
        ongoing._settle()
        ongoing.write({'state': 'done', 'ended_at': self.env.cr.now()})
        (leaves - ongoing)._resume_assignment()

    def _refresh_return(self):
        """Take what is not to be returned any more off the drafts of returns. In sudo mode."""
        lines = self.line_ids
        (lines - lines._filter_held()).unlink()
        documents = self.document_ids
        documents._skip_changed()
        documents.filtered(lambda document: document.state == 'skipped').unlink()
        self.customer_ids.filtered(lambda one: not one.line_ids and not one.document_ids).unlink()
