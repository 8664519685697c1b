"""Test the lock of the salespeople of customers."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..common import TestSalespersonLockCommon


@tagged('post_install', '-at_install')
class TestSalespersonLockCustomers(TestSalespersonLockCommon):
    """`locked` is an opportunity of contact_1, which belongs to the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.contact_1
        (cls.customer + cls.contact).user_id = cls.owner
        cls.free_customer = cls.env['res.partner'].create({
            'name': "Free Customer",
            'user_id': cls.owner.id,
        })
        cls.free.partner_id = cls.free_customer
        cls.env.flush_all()

    def test_neither_changed_nor_emptied(self):
        for partner in (self.customer, self.contact):
            for value in (self.other, self.other.id, False, None, 0):
                with self.subTest(partner=partner.name, value=value):
                    self.assertRefused(
                        partner,
                        lambda partner=partner, value=value: partner.write({'user_id': value}),
                    )

    def test_free_customer_and_first_assignment(self):
        self.free_customer.user_id = self.other
        self.assertEqual(self.free_customer.user_id, self.other)
        nobodys = self.env['res.partner'].create({'name': "New", 'parent_id': self.customer.id})
        nobodys._hand_over({'user_id': False})
        nobodys.user_id = self.other
        self.assertEqual(nobodys.user_id, self.other)
        self.env.flush_all()
        self.assertRefused(nobodys, lambda: nobodys.write({'user_id': self.owner.id}))

    def test_locked_while_it_has_an_opportunity_there(self):
        """A lost opportunity, and one without a salesperson, lock nothing."""
        for values in ({'active': False}, {'stage_id': self.stage_open.id}):
            with self.subTest(values=values):
                savepoint = self.env.cr.savepoint()
                self.locked.write(values)
                self._begin_transaction()
                self.customer.user_id = self.other
                self.env.flush_all()
                self.assertEqual(self.customer.user_id, self.other)
                savepoint.close(rollback=True)

    def test_stage_at_the_beginning_of_the_transaction_counts(self):
        self.locked.stage_id = self.stage_open
        self.assertRefused(self.customer, lambda: self.customer.write({'user_id': self.other.id}))
        self.free.stage_id = self.stage_late
        self.free_customer.user_id = self.other
        self.assertEqual(self.free_customer.user_id, self.other)

    def test_independent_contact(self):
        """A contact that leaves the customer in the same call is still the customer's."""
        self.assertRefused(
            self.contact,
            lambda: self.contact.write({'parent_id': False, 'user_id': self.other.id}),
        )

    def test_without_write(self):
        """The check of the flush finds what has not passed `write`."""

        def compute():
            with self.env.protecting([self.customer._fields['user_id']], self.customer):
                self.customer.user_id = self.other

        self.assertRefused(self.customer, compute)

    def test_handed_over(self):
        partners = self.customer + self.contact
        partners._hand_over({'user_id': self.other.id})
        self.assertEqual(partners.user_id, self.other)
        self.assertRefused(partners, lambda: partners.write({'user_id': self.owner.id}))

    def test_salesperson_cannot_either(self):
        self.user_sales_salesman.group_ids += self.env.ref('base.group_partner_manager')
        customer = self.customer.with_user(self.user_sales_salesman)
        self.assertRefused(customer, lambda: customer.write({'user_id': self.other.id}))

    def test_name_is_not_told(self):
        """A user who may not write to the customer gets the error about access."""
        employee = new_test_user(self.env, 'employee', groups='base.group_user')
        customer = self.customer.with_user(employee)
        with self.assertRaises(AccessError):
            customer.write({'user_id': self.other.id})

    def test_merged_contacts(self):
        """A customer does not change hands by a merge with another one."""
        self.free_customer.user_id = self.other
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})

        def merge(remaining, merged):
            wizard._merge((remaining + merged).ids, remaining, extra_checks=False)

        with self.assertRaisesRegex(UserError, "cannot be merged"), self.env.cr.savepoint():
            merge(self.free_customer, self.customer)
        merge(self.customer, self.free_customer)
        self.assertEqual(self.customer.user_id, self.owner)

    def test_form(self):
        for partner, is_locked in ((self.customer, True), (self.free_customer, False)):
            self.assertEqual(partner.is_salesperson_locked, is_locked)
        with Form(self.free_customer) as form:
            form.user_id = self.other
        with self.assertRaises(AssertionError), Form(self.customer) as form:
            form.user_id = self.other

    def test_one2many(self):
        self.assertRefused(
            self.contact,
            lambda: self.customer.write({
                'child_ids': [Command.update(self.contact.id, {'user_id': self.other.id})]
            }),
        )

    def test_constant_queries(self):
        partners = self.env['res.partner'].create([
            {'name': str(number), 'user_id': self.owner.id} for number in range(20)
        ])
        self.env.flush_all()
        for count in (2, 20):
            self.env.invalidate_all()
            with self.subTest(count=count), self.assertQueryCount(10):
                partners[:count].write({'user_id': self.other.id})
                self.env.flush_all()
            partners[:count].write({'user_id': self.owner.id})
            self.env.flush_all()
