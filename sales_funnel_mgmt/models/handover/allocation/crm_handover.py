"""Who gets which opportunities: the records around `handover_allocation`."""

from odoo import models
from odoo.exceptions import ValidationError

from .allocate import Bundle, Receiver, allocate


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_allocate(self):
        """Give the opportunities that have no receiver one, by the method chosen."""
        self._check_may_run()
        self._check_state('draft')
        for handover in self:
            handover._allocate()
        return True

    def action_clear_allocation(self):
        """Take the receivers off the opportunities, to allocate them anew."""
        self._check_may_run()
        self._check_state('draft')
        self.line_ids.to_user_id = False
        return True

    # === BUSINESS METHODS === #

    def _allocate(self):
        """Allocate what has no receiver. What was given to someone by hand stays with them, and the
        other opportunities of the same customer follow."""
        self.ensure_one()
        receivers = self.receiver_ids.sorted().filtered(
            lambda receiver: not self._get_receiver_problem(receiver.user_id)
        )
        lines_by_user = self._allocate_lines(receivers)
        for user, lines in lines_by_user.items():
            # In sudo mode: the constraints hold, the rights have been checked by the caller.
            lines.sudo().to_user_id = user

    def _allocate_lines(self, receivers):
        """Return the lines without receiver that each user is to get.

        :param crm.handover.receiver receivers: Those who can receive, in their order.
        :rtype: dict[res.users, crm.handover.line]
        """
        # In sudo mode: the company above a contact may be closed to the user.
        lines_sudo = self.sudo().line_ids.filtered('lead_id').sorted('id')
        lines_sudo.lead_id.fetch(['customer_id', 'user_id'])
        lines_by_customer = lines_sudo.grouped(lambda line: line.lead_id._get_customer_key())
        load = {
            user.id: (len(lines), sum(lines.mapped('expected_revenue')))
            for user, lines in lines_sudo.grouped('to_user_id').items()
        }
        able = [
            Receiver(receiver.user_id.id, receiver.capacity, *load.get(receiver.user_id.id, (0, 0)))
            for receiver in receivers
        ]
        all_keys = frozenset(receiver.key for receiver in able)
        novice_keys = frozenset(self.env['crm.team.member']._get_novices(receivers.user_id).ids)
        key_accounts = lines_sudo.lead_id.customer_id.filtered('is_key_account')
        bundles = []
        for key, lines in lines_by_customer.items():
            open_lines = lines.filtered(lambda line: not line.to_user_id)
            if not open_lines:
                continue
            chosen = lines.to_user_id
            allowed = frozenset(chosen.ids) if chosen else all_keys
            if not chosen and lines.lead_id.customer_id & key_accounts:
                # rather visibly unallocated than with somebody new
                allowed -= novice_keys
            bundles.append(
                Bundle(
                    key,
                    count=len(open_lines),
                    value=sum(open_lines.mapped('expected_revenue')),
                    # nobody receives what is theirs already
                    allowed=allowed - frozenset(open_lines.from_user_id.ids),
                )
            )
        user_by_customer = allocate(bundles, able, self.allocation_method)
        result = {}
        for key, user_id in user_by_customer.items():
            if user_id:
                user = self.env['res.users'].browse(user_id)
                lines = lines_by_customer[key].filtered(lambda line: not line.to_user_id)
                result[user] = result.get(user, lines.browse()) + lines
        return result

    def _get_receiver_problem(self, user):
        """Return why the user cannot receive opportunities of this handover, if so.

        :param res.users user: Who is to receive.
        :return: A sentence, or nothing.
        :rtype: str | None
        """
        self.ensure_one()
        # In sudo mode: rights and companies of other users.
        user_sudo = user.sudo()
        if not user_sudo.active:
            return self.env._("%(user)s is archived.", user=user_sudo.name)
        if not user_sudo.has_group('sales_team.group_sale_salesman'):
            return self.env._(
                "%(user)s has no access to the pipeline (no sales rights).", user=user_sudo.name
            )
        if self.company_id not in user_sudo.company_ids:
            return self.env._(
                "%(user)s has no access to the company %(company)s.",
                user=user_sudo.name,
                company=self.company_id.name,
            )
        return None

    def _check_can_receive(self, users):
        """Ensure that users can work with what they get.

        :raises ValidationError: If not.
        """
        for handover in self:
            for user in users:
                if problem := handover._get_receiver_problem(user):
                    raise ValidationError(
                        self.env._(
                            "%(problem)s Please choose another receiver for %(handover)s.",
                            problem=problem,
                            handover=handover.name,
                        )
                    )
