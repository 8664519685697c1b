"""Compare the proposal of a territory plan with an exact solver."""

import random

import highspy

from odoo.tests import BaseCase, tagged

from ...models.territory_plan.solver import Customer, Salesperson, most_moves, propose, won_limit


@tagged('post_install', '-at_install')
class TestTerritoryProposal(BaseCase):
    """Compare proposals with the exact solution of small random plans."""

    def _random_plan(self, seed):
        dice = random.Random(seed)
        count, people = dice.randint(5, 10), dice.randint(2, 4)
        salespeople = [
            Salesperson(
                f'person {number}',
                None if dice.random() < 0.6 else count // people + dice.randint(0, 3),
                dice.randint(0, 2),
            )
            for number in range(people)
        ]
        keys = [person.key for person in salespeople]
        customers = []
        for number in range(count):
            owner = keys[int(people * dice.random() ** 2)]
            kind = dice.random()
            allowed = None
            if kind < 0.1:
                allowed = frozenset([owner])
            elif kind < 0.25:
                allowed = frozenset(dice.sample(keys, people - 1))
            load = dice.lognormvariate(0, 0.8)
            customers.append(Customer(number, owner, load, dice.random() < 0.4, allowed))
        return customers, salespeople, dice.choice([None, 80, 50])

    def test_as_good_as_possible(self):
        compared = 0
        for seed in range(25):
            customers, salespeople, limit = self._random_plan(seed)
            with self.subTest(seed=seed):
                moves = propose(customers, salespeople, limit)
                figures = self._evaluate(customers, salespeople, limit, moves)
                exact = Exact(customers, salespeople, limit)
                excess = exact.least_excess()
                self.assertEqual(figures['excess'], excess)
                if excess:
                    # No plan keeps the limits: the proposal is as near to them as possible.
                    continue
                compared += 1
                load = exact.smallest_load(excess)
                self.assertLessEqual(figures['load'], load * 1.01)
                fewest = exact.fewest_moves(excess, max(load, figures['load']))
                self.assertLessEqual(len(moves), most_moves(fewest, len(salespeople)))
        self.assertGreater(compared, 12)

    def _evaluate(self, customers, salespeople, limit, moves):
        """Recompute the figures of a proposal, and check the strict rules."""
        receiver = {move.key: move.to_key for move in moves}
        self.assertEqual(len(receiver), len(moves), "Each customer moves once")
        holder = {
            customer.key: receiver.get(customer.key, customer.owner) for customer in customers
        }
        for customer in customers:
            if customer.allowed is not None:
                self.assertIn(holder[customer.key], customer.allowed | {customer.owner})
        won_all = sum(c.is_won for c in customers) + sum(p.won for p in salespeople)
        excess, loads = 0, []
        for person in salespeople:
            held = [c for c in customers if holder[c.key] == person.key]
            loads.append(sum(c.load for c in held))
            for number, most in (
                (len(held) + person.count, person.capacity),
                (sum(c.is_won for c in held) + person.won, won_limit(won_all, limit)),
            ):
                if most is not None and number > most:
                    excess += number - most
        return {'excess': excess, 'load': max(loads)}

    def test_limits_that_cannot_be_kept(self):
        """The least possible number of customers stays above the limits, in larger plans as well."""
        for seed in range(8):
            dice = random.Random(seed)
            people = dice.randint(3, 6)
            count = 30 * people
            salespeople = [
                Salesperson(number, count // people + dice.randint(-2, 4))
                for number in range(people)
            ]
            customers = [
                Customer(
                    number,
                    int(people * dice.random() ** 2),
                    dice.lognormvariate(0, 1),
                    dice.random() < 0.6,
                    None if dice.random() < 0.6 else frozenset(dice.sample(range(people), 2)),
                )
                for number in range(count)
            ]
            limit = 100 / people - 2
            with self.subTest(seed=seed):
                moves = propose(customers, salespeople, limit)
                excess = self._evaluate(customers, salespeople, limit, moves)['excess']
                self.assertGreater(excess, 0)
                self.assertEqual(excess, Exact(customers, salespeople, limit).least_excess())

    def test_the_same_each_time(self):
        plan = self._random_plan(3)
        self.assertEqual(propose(*plan), propose(*plan))

    def test_nothing_to_do(self):
        one = Salesperson('one')
        self.assertEqual(propose([Customer(1, 'one', 1)], [one]), [])
        self.assertEqual(propose([], [one, Salesperson('two')]), [])
        even = [Customer(1, 'one', 1), Customer(2, 'two', 1)]
        self.assertEqual(propose(even, [one, Salesperson('two')]), [])

    def test_large(self):
        """A plan of 5,000 customers and 50 salespeople comes near to the average load."""
        dice = random.Random(1)
        salespeople = [Salesperson(number) for number in range(50)]
        customers = [
            Customer(number, int(50 * dice.random() ** 2), dice.lognormvariate(0, 1))
            for number in range(5000)
        ]
        moves = propose(customers, salespeople)
        figures = self._evaluate(customers, salespeople, None, moves)
        average = sum(customer.load for customer in customers) / 50
        self.assertLessEqual(figures['load'], average * 1.01)
        self.assertLess(len(moves), 1500)


class Exact:
    """The same plan as a mixed integer program, solved by HiGHS."""

    def __init__(self, customers, salespeople, limit):
        self.customers, self.salespeople, self.limit = customers, salespeople, limit

    def least_excess(self):
        model, excess, _load, _moves = self._build()
        model.minimize(excess)
        return round(model.getObjectiveValue())

    def smallest_load(self, most_excess):
        model, excess, load, _moves = self._build()
        model.addConstr(excess <= most_excess + 1e-6)
        model.minimize(load)
        return model.getObjectiveValue()

    def fewest_moves(self, most_excess, largest_load):
        model, excess, load, moves = self._build()
        model.addConstr(excess <= most_excess + 1e-6)
        model.addConstr(load <= largest_load + 1e-6)
        model.minimize(moves)
        return round(model.getObjectiveValue())

    def _build(self):
        model = highspy.Highs()
        model.setOptionValue('output_flag', False)
        keys = {person.key for person in self.salespeople}
        held = {
            (customer.key, key): model.addBinary()
            for customer in self.customers
            for key in sorted(
                keys if customer.allowed is None else customer.allowed | {customer.owner}
            )
        }
        for customer in self.customers:
            model.addConstr(
                sum(v for (number, _k), v in held.items() if number == customer.key) == 1
            )
        load = model.addVariable(lb=0)
        excess = model.addVariable(lb=0, ub=0) + 0
        won_all = sum(c.is_won for c in self.customers) + sum(p.won for p in self.salespeople)
        for person in self.salespeople:
            mine = [c for c in self.customers if (c.key, person.key) in held]
            if mine:
                model.addConstr(sum(c.load * held[c.key, person.key] for c in mine) <= load + 0)
            for counted, most in (
                (mine, person.capacity and person.capacity - person.count),
                ([c for c in mine if c.is_won], won_limit(won_all, self.limit) - person.won),
            ):
                if most is None or not counted:
                    continue
                above = model.addVariable(lb=0)
                excess += above
                model.addConstr(sum(held[c.key, person.key] for c in counted) - above <= most)
        moves = sum(
            variable
            for (number, key), variable in held.items()
            if key != self.customers[number].owner
        )
        return model, excess, load + 0, moves
