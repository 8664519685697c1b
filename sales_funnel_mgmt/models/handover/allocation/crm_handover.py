"""Allocate the opportunities of a handover to its receivers."""

from odoo import models
from odoo.exceptions import ValidationError

from .allocate import Bundle, Receiver, allocate


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_allocate(self):
        """Allocate the customers without a receiver by the method of the handover."""
        self._check_may_run()
        self._check_state('draft')
        for handover in self:
            handover._allocate()
        return True

    def action_clear_allocation(self):
        """Remove the receivers from the customers and their opportunities."""
        self._check_may_run()
        self._check_state('draft')
        self.customer_ids.to_user_id = False
        # Opportunities of shared customers can have a receiver of their own.
        self.line_ids.filtered('to_user_id').to_user_id = False
        return True

    # === BUSINESS METHODS === #

    def _allocate(self):
        """Allocate the customers without a receiver.

        Opportunities with a receiver keep it, and all else of the same customer goes there, too.
        """
        self.ensure_one()
        receivers = self.receiver_ids.sorted().filtered(
            lambda receiver: not self._get_receiver_problem(receiver.user_id)
        )
        for user, customers in self._allocate_customers(receivers).items():
            # In sudo mode: the caller has checked the access rights. Constraints apply.
            customers.sudo().to_user_id = user

    def _allocate_customers(self, receivers):
        """Choose a receiver for each customer without one.

        :param crm.handover.receiver receivers: Receivers who can work with the customers, in their order.
        :rtype: dict[res.users, crm.handover.customer]
        """
        # In sudo mode: the company above a contact may be closed to the user.
        customers_sudo = self.sudo().customer_ids.sorted('id')
        lines_sudo = customers_sudo.line_ids
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
        key_accounts = customers_sudo.customer_id.filtered('is_key_account')
        bundles = []
        for customer in customers_sudo:
            lines = customer.line_ids.filtered('lead_id')
            open_lines = lines.filtered(lambda line: not line.to_user_id)
            if not open_lines and (customer.to_user_id or lines):
                continue
            chosen = customer.to_user_id | lines.to_user_id
            allowed = frozenset(chosen.ids) if chosen else all_keys
            if not chosen and customer.customer_id & key_accounts:
                # Better unallocated, where the manager sees it, than with a novice.
                allowed -= novice_keys
            outgoing = open_lines.from_user_id | customer.document_ids.from_user_id
            bundles.append(
                Bundle(
                    customer.id,
                    # A customer without an opportunity counts as one.
                    count=len(open_lines) or 1,
                    value=sum(open_lines.mapped('expected_revenue')),
                    # A salesperson does not receive what is their own.
                    allowed=allowed - frozenset(outgoing.ids),
                )
            )
        user_by_customer = allocate(bundles, able, self.allocation_method)
        result = {}
        for customer in customers_sudo:
            if user_id := user_by_customer.get(customer.id):
                user = self.env['res.users'].browse(user_id)
                result[user] = result.get(user, customer.browse()) + customer
        return result

    def _get_receiver_problem(self, user):
        """Return why a user cannot receive opportunities of this handover.

        :param res.users user: User to check.
        :return: A sentence, or None if the user can receive them.
        :rtype: str | None
        """
        self.ensure_one()
        # In sudo mode: groups and companies of other users are read.
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
        """Check that users can work with the opportunities of these handovers.

        :raise ValidationError: If a user cannot.
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
