"""What a proposal is about, and the rules it keeps: who holds what, and who may take what."""

from bisect import bisect_left, insort
from dataclasses import dataclass

# Loads are whole numbers: sums do not depend on the order of their parts.
SCALE = 10**9


@dataclass(frozen=True)
class Customer:
    """What is held, and moves, as a whole.

    :param key: Whatever identifies the customer.
    :param owner: Key of the salesperson who holds it.
    :param float load: What it adds to the load of whoever holds it; 0 or more.
    :param bool is_won: It counts as a won customer.
    :param frozenset allowed: Keys of the salespeople who may hold it; None: all. The owner always
        may go on holding it.
    """

    key: object
    owner: object
    load: float
    is_won: bool = False
    allowed: frozenset | None = None


@dataclass(frozen=True)
class Salesperson:
    """Who holds customers.

    :param key: Whatever identifies the salesperson.
    :param int capacity: How many customers at most; None: no limit.
    :param int count: Number of customers that they hold besides those of the plan.
    :param int won: How many of these are won customers.
    """

    key: object
    capacity: int | None = None
    count: int = 0
    won: int = 0


@dataclass(frozen=True)
class Move:
    """One customer to another salesperson, and why: 'concentration' or 'capacity' (its owner was above
    that limit), 'balance' (from a larger load to a smaller one), 'exchange' (makes room for others)."""

    key: object
    from_key: object
    to_key: object
    reason: str


def most_moves(fewest, salespeople):
    """The bound on the moves of a proposal: half as many again as needed, and one a salesperson.

    :param int fewest: The fewest moves with which any plan gets to the same largest load.
    :param int salespeople: Number of salespeople in the plan.
    """
    return fewest + fewest // 2 + salespeople


def won_limit(won_total, percent):
    """Return how many won customers one salesperson may hold: not more than that share of all.

    :param int won_total: Number of all won customers.
    :param float percent: Concentration limit (0 to 100); None: no limit.
    """
    return won_total if percent is None else int(won_total * percent / 100 + 1e-9)


class State:
    """Who holds what; positions stand for the customers and the salespeople."""

    __slots__ = (
        'allowed',
        'capacity',
        'count',
        'customers',
        'held',
        'holder',
        'is_won',
        'load',
        'owner',
        'people',
        'salespeople',
        'weight',
        'won',
        'won_capacity',
    )

    @classmethod
    def begin(cls, customers, salespeople, concentration_limit):
        self = cls()
        position = {person.key: number for number, person in enumerate(salespeople)}
        everybody = frozenset(range(len(salespeople)))
        self.customers, self.salespeople = customers, salespeople
        self.people = range(len(salespeople))
        self.weight = [round(customer.load * SCALE) for customer in customers]
        self.is_won = [customer.is_won for customer in customers]
        self.owner = [position[customer.owner] for customer in customers]
        self.allowed = [
            everybody
            if customer.allowed is None
            else frozenset(position[key] for key in customer.allowed if key in position)
            | {position[customer.owner]}
            for customer in customers
        ]
        unlimited = len(customers) + sum(person.count for person in salespeople)
        self.capacity = [
            unlimited if person.capacity is None else person.capacity for person in salespeople
        ]
        won_total = sum(self.is_won) + sum(person.won for person in salespeople)
        self.won_capacity = [won_limit(won_total, concentration_limit)] * len(salespeople)
        self.holder = list(self.owner)
        self.load = [0] * len(salespeople)
        self.count = [person.count for person in salespeople]
        self.won = [person.won for person in salespeople]
        # what each holds and may give away, by weight
        self.held = [[] for _person in salespeople]
        for number, who in enumerate(self.holder):
            self.load[who] += self.weight[number]
            self.count[who] += 1
            self.won[who] += self.is_won[number]
            if len(self.allowed[number]) > 1:
                self.held[who].append((self.weight[number], number))
        for held in self.held:
            held.sort()
        return self

    def clone(self):
        other = State()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.holder, other.load = list(self.holder), list(self.load)
        other.count, other.won = list(self.count), list(self.won)
        other.held = [list(held) for held in self.held]
        return other

    def move(self, number, to):
        who, weight = self.holder[number], self.weight[number]
        held = self.held[who]
        del held[bisect_left(held, (weight, number))]
        insort(self.held[to], (weight, number))
        self.load[who] -= weight
        self.load[to] += weight
        self.count[who] -= 1
        self.count[to] += 1
        self.won[who] -= self.is_won[number]
        self.won[to] += self.is_won[number]
        self.holder[number] = to

    def excess(self):
        """How many customers are held above a limit."""
        return sum(
            max(0, self.count[who] - self.capacity[who])
            + max(0, self.won[who] - self.won_capacity[who])
            for who in self.people
        )

    def may_take(self, who, number):
        return (
            who in self.allowed[number]
            and self.count[who] < self.capacity[who]
            and (not self.is_won[number] or self.won[who] < self.won_capacity[who])
        )

    def may_exchange(self, one, other):
        """Whether the holders of two customers may exchange them, without a limit being broken or
        broken further."""
        first, second = self.holder[one], self.holder[other]
        if second not in self.allowed[one] or first not in self.allowed[other]:
            return False
        more = self.is_won[one] - self.is_won[other]
        return (more <= 0 or self.won[second] < self.won_capacity[second]) and (
            more >= 0 or self.won[first] < self.won_capacity[first]
        )

    def move_count(self):
        return sum(who != owner for who, owner in zip(self.holder, self.owner, strict=True))

    def moves(self, start):
        return [
            Move(
                customer.key,
                customer.owner,
                self.salespeople[self.holder[number]].key,
                start.reason(number, self.holder[number]),
            )
            for number, customer in enumerate(self.customers)
            if self.holder[number] != self.owner[number]
        ]

    def reason(self, number, to):
        """Why a customer goes to somebody; `self` is the state before all moves."""
        who = self.holder[number]
        if self.is_won[number] and self.won[who] > self.won_capacity[who]:
            return 'concentration'
        if self.count[who] > self.capacity[who]:
            return 'capacity'
        return 'balance' if self.load[who] > self.load[to] else 'exchange'
