"""Define the customers, salespeople and moves of a plan, and the state of the search with its rules."""

from bisect import bisect_left, insort
from dataclasses import dataclass

# Loads are integers, so that their sums do not depend on the order of the parts
SCALE = 10**9


@dataclass(frozen=True)
class Customer:
    """A customer, which moves as a whole.

    :param key: Identifier of the customer.
    :param owner: Key of the salesperson who holds the customer.
    :param float load: Load that the customer adds to its salesperson, 0 or more.
    :param bool is_won: Count it as a won customer.
    :param frozenset allowed: Keys of the salespeople who may hold the customer. None allows all. The
        owner may always keep it.
    """

    key: object
    owner: object
    load: float
    is_won: bool = False
    allowed: frozenset | None = None


@dataclass(frozen=True)
class Salesperson:
    """A salesperson, who holds customers.

    :param key: Identifier of the salesperson.
    :param int capacity: Largest number of customers. None means no limit.
    :param int count: Number of customers outside the plan.
    :param int won: Number of won customers outside the plan.
    """

    key: object
    capacity: int | None = None
    count: int = 0
    won: int = 0


@dataclass(frozen=True)
class Move:
    """The move of a customer to another salesperson.

    The reason is 'concentration' or 'capacity' if the owner was above that limit, 'balance' if the
    move goes from a larger to a smaller load, and 'exchange' if it makes room for other customers.
    """

    key: object
    from_key: object
    to_key: object
    reason: str


def most_moves(fewest, salespeople):
    """Return the largest number of moves of a proposal.

    It is one and a half times the necessary number, and one for each salesperson.

    :param int fewest: Smallest number of moves with which any plan gets to the same largest load.
    :param int salespeople: Number of salespeople in the plan.
    """
    return fewest + fewest // 2 + salespeople


def won_limit(won_total, percent):
    """Return the largest number of won customers that a salesperson may hold.

    :param int won_total: Number of all won customers.
    :param float percent: Concentration limit (0 to 100). None means no limit.
    """
    return won_total if percent is None else int(won_total * percent / 100 + 1e-9)


class State:
    """The salesperson of each customer. Customers and salespeople are referred to by position."""

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
    def begin(cls, customers, salespeople, concentration_limit, won_total=None):
        """Return the state before all moves."""
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
        if won_total is None:
            won_total = sum(self.is_won) + sum(person.won for person in salespeople)
        self.won_capacity = [won_limit(won_total, concentration_limit)] * len(salespeople)
        self.holder = list(self.owner)
        self.load = [0] * len(salespeople)
        self.count = [person.count for person in salespeople]
        self.won = [person.won for person in salespeople]
        # The customers that each salesperson may give away, sorted by weight
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
        """Return a copy that can be changed independently."""
        other = State()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.holder, other.load = list(self.holder), list(self.load)
        other.count, other.won = list(self.count), list(self.won)
        other.held = [list(held) for held in self.held]
        return other

    def move(self, number, to):
        """Give a customer to a salesperson."""
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
        """Return the number of customers above the limits."""
        return sum(
            max(0, self.count[who] - self.capacity[who])
            + max(0, self.won[who] - self.won_capacity[who])
            for who in self.people
        )

    def may_take(self, who, number):
        """Return whether a salesperson may get a customer within the rules and limits."""
        return (
            who in self.allowed[number]
            and self.count[who] < self.capacity[who]
            and (not self.is_won[number] or self.won[who] < self.won_capacity[who])
        )

    def may_exchange(self, one, other):
        """Return whether the holders of two customers may exchange them.

        The exchange must not exceed a limit, nor exceed it further.
        """
        first, second = self.holder[one], self.holder[other]
        if second not in self.allowed[one] or first not in self.allowed[other]:
            return False
        more = self.is_won[one] - self.is_won[other]
        return (more <= 0 or self.won[second] < self.won_capacity[second]) and (
            more >= 0 or self.won[first] < self.won_capacity[first]
        )

    def move_count(self):
        """Return the number of customers that are not with their owner."""
        return sum(who != owner for who, owner in zip(self.holder, self.owner, strict=True))

    def moves(self, start):
        """Return the moves that lead from the start to this state."""
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
        """Return the reason of a move. Call it on the state before all moves."""
        who = self.holder[number]
        if self.is_won[number] and self.won[who] > self.won_capacity[who]:
            return 'concentration'
        if self.count[who] > self.capacity[who]:
            return 'capacity'
        return 'balance' if self.load[who] > self.load[to] else 'exchange'
