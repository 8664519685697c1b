"""Test the allocation of opportunities to receivers."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ...models.handover.allocation.allocate import Bundle, Receiver, allocate
from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestAllocate(BaseCase):
    """Test the function, with customers and receivers by name."""

    def test_single(self):
        bundles = [Bundle('a', 1), Bundle('b', 3), Bundle('c', 1)]
        self.assertEqual(
            allocate(bundles, [Receiver('x', capacity=2), Receiver('y')], 'single'),
            {'a': 'x', 'b': None, 'c': 'x'},
        )

    def test_manual_gives_to_nobody(self):
        self.assertEqual(allocate([Bundle('a', 1)], [Receiver('x')], 'manual'), {'a': None})

    def test_without_receivers(self):
        for method in ('single', 'round_robin', 'balanced'):
            self.assertEqual(allocate([Bundle('a', 1)], [], method), {'a': None})
            self.assertEqual(allocate([], [Receiver('x')], method), {})

    def test_round_robin(self):
        bundles = [Bundle(key, 1) for key in 'abcde']
        self.assertEqual(
            allocate(bundles, [Receiver('x'), Receiver('y')], 'round_robin'),
            {'a': 'x', 'b': 'y', 'c': 'x', 'd': 'y', 'e': 'x'},
        )

    def test_round_robin_passes_over_the_full(self):
        bundles = [Bundle(key, 1) for key in 'abcde']
        receivers = [
            Receiver('x', capacity=1),
            Receiver('y', capacity=2),
            Receiver('z', capacity=1),
        ]
        self.assertEqual(
            allocate(bundles, receivers, 'round_robin'),
            {'a': 'x', 'b': 'y', 'c': 'z', 'd': 'y', 'e': None},
        )

    def test_not_allowed_is_passed_over(self):
        bundles = [Bundle('a', 1, allowed=frozenset('y')), Bundle('b', 1, allowed=frozenset())]
        for method in ('round_robin', 'balanced'):
            self.assertEqual(
                allocate(bundles, [Receiver('x'), Receiver('y')], method), {'a': 'y', 'b': None}
            )

    def test_balanced_in_value_and_number(self):
        bundles = [Bundle(f'big{number}', 1, 100) for number in range(4)]
        bundles += [Bundle(f'small{number}', 1, 1) for number in range(40)]
        receivers = [Receiver('x'), Receiver('y')]
        allocate(bundles, receivers, 'balanced')
        self.assertEqual([receiver.count for receiver in receivers], [22, 22])
        self.assertEqual([receiver.value for receiver in receivers], [220, 220])

    def test_balanced_counts_what_they_have(self):
        receivers = [Receiver('x', count=10, value=10), Receiver('y')]
        allocate([Bundle(number, 1, 1) for number in range(10)], receivers, 'balanced')
        self.assertEqual([receiver.count for receiver in receivers], [10, 10])

    def test_balanced_without_values(self):
        receivers = [Receiver('x'), Receiver('y'), Receiver('z')]
        allocate([Bundle(number, 1) for number in range(9)], receivers, 'balanced')
        self.assertEqual([receiver.count for receiver in receivers], [3, 3, 3])

    def test_balanced_keeps_the_limit(self):
        receivers = [Receiver('x', capacity=3), Receiver('y', capacity=3)]
        result = allocate([Bundle(number, 2, 5) for number in range(4)], receivers, 'balanced')
        self.assertEqual(list(result.values()).count(None), 2)
        self.assertTrue(all(receiver.count == 2 for receiver in receivers))

    def test_the_same_every_time(self):
        bundles = [Bundle(number, 1 + number % 3, number * 7 % 11) for number in range(50)]
        results = [
            allocate(bundles, [Receiver('x'), Receiver('y'), Receiver('z', capacity=9)], 'balanced')
            for _round in range(2)
        ]
        self.assertEqual(*results)


@tagged('post_install', '-at_install', 'handover')
class TestHandoverAllocation(TestHandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer("Big customer")
        cls.contact = cls.env['res.partner'].create({
            'name': "Contact",
            'parent_id': cls.customer.id,
        })
        cls.leads = cls.env['crm.lead'].union(
            cls._create_leaver_opportunity("A", partner_id=cls.customer.id),
            cls._create_leaver_opportunity("B", partner_id=cls.contact.id),
            cls._create_leaver_opportunity("C"),
            cls._create_leaver_opportunity("D", partner_id=False),
            cls._create_leaver_opportunity("E", partner_id=False),
        )

    def test_a_customer_stays_together(self):
        """Each method keeps the opportunities of a customer together."""
        for method in ('single', 'round_robin', 'balanced'):
            handover = self._create_handover(
                self.leads, self.heir + self.other_heir, allocation_method=method
            )
            receivers = [self._line(handover, lead).to_user_id for lead in self.leads]
            self.assertEqual(receivers[0], receivers[1])
            self.assertFalse(handover.unallocated_count)
            if method != 'single':
                self.assertEqual(set(receivers), {self.heir, self.other_heir})

    def test_what_fits_nowhere_stays_visible(self):
        handover = self._create_handover(self.leads, self.env['res.users'])
        handover.receiver_ids = [Command.create({'user_id': self.heir.id, 'capacity': 2})]
        handover.allocation_method = 'round_robin'
        handover.action_allocate()
        self.assertEqual(handover.unallocated_count, 3)
        self.assertEqual(handover.receiver_ids.opportunity_count, 2)

    def test_what_is_given_by_hand_stays_and_draws_the_customer_along(self):
        handover = self._create_handover(
            self.leads, self.heir + self.other_heir, allocation_method='manual'
        )
        self.assertEqual(handover.unallocated_count, 5)
        self._line(handover, self.leads[0]).to_user_id = self.other_heir
        handover.allocation_method = 'single'
        handover.action_allocate()
        by_lead = {line.lead_id: line.to_user_id for line in handover.line_ids}
        self.assertEqual(by_lead[self.leads[0]], self.other_heir)
        self.assertEqual(
            by_lead[self.leads[1]], self.other_heir, "The customer goes to one receiver"
        )
        handover.allocation_method = 'balanced'
        handover.action_allocate()
        self.assertEqual(self._line(handover, self.leads[1]).to_user_id, self.other_heir)
        handover.action_clear_allocation()
        self.assertEqual(handover.unallocated_count, 5)

    def test_receiver_without_access(self):
        company = self.env['res.company'].create({'name': "Elsewhere"})
        stranger = mail_new_test_user(
            self.env,
            login='stranger',
            company_id=company.id,
            company_ids=company.ids,
            groups='sales_team.group_sale_salesman',
        )
        clerk = mail_new_test_user(self.env, login='clerk', groups='base.group_user')
        handover = self._create_handover(self.leads)
        for user in (stranger, clerk, self.leaver):
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                handover.receiver_ids = [Command.create({'user_id': user.id})]
            with self.subTest(user=user.login), self.assertRaises(ValidationError):
                handover.line_ids[0].to_user_id = user

    def test_receiver_who_loses_their_access(self):
        """A receiver who loses their access gets no opportunities, with a warning."""
        handover = self._create_handover(self.leads, self.heir, allocation_method='manual')
        self.heir.active = False
        handover.allocation_method = 'single'
        handover.action_allocate()
        self.assertEqual(handover.unallocated_count, 5)

    def test_nobody_receives_what_is_theirs(self):
        mine = self._create_opportunity(name="Mine", user_id=self.heir.id)
        handover = self._create_handover(self.leads + mine, self.heir, from_user_id=False)
        self.assertFalse(self._line(handover, mine).to_user_id)
        self.assertEqual(handover.unallocated_count, 1)
