"""Who should own what: plain Python, the same input always gives the same result.

Under the rules (what is locked stays, a customer goes as a whole, key accounts go to no novice, nobody
above the concentration limit or their capacity), the largest load is made small, with few moves:

1. *Repair*: whoever is above a limit gives customers away until they are not.
2. *Balance*: the salesperson with the largest load gives a customer, or exchanges customers, as long
   as that makes the larger of two loads smaller; on small plans from several starting points.
3. *Few moves*: the same load (or one within `TOLERANCE` of it) is built again with as few moves as
   possible, large customers first, and moves that are not needed are taken back.

Small plans are compared with an exact solver in the tests: the limits are kept, or as nearly as can be;
where they can be kept, the largest load is within 1 % of the best possible, and the moves are at most
`most_moves(fewest possible, salespeople)`.
"""

import random
from bisect import bisect_left, insort
from dataclasses import dataclass

# Loads are whole numbers: sums do not depend on the order of their parts.
SCALE = 10**9
# A largest load this much above the smallest that was found is as good, if it takes fewer moves
TOLERANCE = 0.005
# Up to so many customers, the search begins anew from other starting points, so many times
SMALL, RESTARTS = 150, 120
# How many steps the systematic search for few moves takes
STEPS = 20_000
# Share of the customers that a further attempt passes over
PASSED_OVER = 0.3
# How many of the least loaded salespeople are tried as receivers of a customer
RECEIVERS = 12


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


def propose(customers, salespeople, concentration_limit=None):
    """Propose moves.

    :param list[Customer] customers: All that is in the plan.
    :param list[Salesperson] salespeople: All that take part.
    :param float concentration_limit: Largest share (0 to 100) of the won customers that one may hold;
        None: no limit.
    :rtype: list[Move]
    """
    if len(salespeople) < 2 or not customers:
        return []
    start = _State.begin(customers, salespeople, concentration_limit)
    best = _search(start)
    return best.moves(start)


class _State:
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
        other = _State()
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


def _search(start):
    best = start.clone()
    _repair(best)
    _balance(best)
    if len(start.customers) <= SMALL:
        best = _restart(start, best)
        best = _lower_systematically(start, best)
    return _with_few_moves(start, best)


def _restart(start, best):
    """Search from other starting points, which chance (always the same) has mixed."""
    dice = random.Random(0)
    movable = [number for number, allowed in enumerate(start.allowed) if len(allowed) > 1]
    floor = _floor(start)
    for turn in range(RESTARTS if movable else 0):
        if _is_good(best, floor):
            break
        state = (best if turn % 3 else start).clone()
        for number in dice.sample(movable, min(len(movable), 2 + turn % 6)):
            receivers = [
                who
                for who in state.people
                if who != state.holder[number] and state.may_take(who, number)
            ]
            if receivers:
                state.move(number, dice.choice(receivers))
        _repair(state)
        _balance(state)
        if (state.excess(), max(state.load)) < (best.excess(), max(best.load)):
            best = state
    return best


def _floor(state):
    """A load that no plan gets below: the average, and what nobody may give away."""
    fixed = [0] * len(state.load)
    for number, allowed in enumerate(state.allowed):
        if len(allowed) == 1:
            fixed[state.holder[number]] += state.weight[number]
    return max(sum(state.load) / len(state.load), *fixed)


def _is_good(state, floor):
    return not state.excess() and max(state.load) <= floor * (1 + TOLERANCE / 5)


def _repair(state):
    """Give away what is above the limits, as far as others may take it: the largest first from a
    large load, which balances as well, else the smallest."""
    average = sum(state.load) / len(state.load)
    for who in state.people:
        while True:
            won_excess = state.won[who] > state.won_capacity[who]
            if not won_excess and state.count[who] <= state.capacity[who]:
                break
            held = state.held[who]
            ordered = reversed(held) if state.load[who] > average else held
            if not _give_one(
                state, who, [n for _w, n in ordered if not won_excess or state.is_won[n]]
            ):
                break


def _give_one(state, who, numbers):
    for number in numbers:
        receivers = [to for to in state.people if to != who and state.may_take(to, number)]
        if receivers:
            state.move(number, min(receivers, key=lambda to: (state.load[to], to)))
            return True
    return False


def _balance(state):
    """Lower the largest load, step by step, until no step helps."""
    good_enough = _floor(state) * (1 + TOLERANCE / 5)
    # each step makes the loads, sorted from the largest, smaller; the bound is for safety alone
    for _step in range(20 * len(state.customers) + 1000):
        who = max(state.people, key=lambda person: (state.load[person], -person))
        if state.load[who] <= good_enough:
            return
        receivers = sorted(
            (person for person in state.people if person != who),
            key=lambda person: (state.load[person], person),
        )
        if not (
            any(_lower(state, who, to) for to in receivers[:RECEIVERS])
            or any(_lower(state, who, to) for to in receivers[RECEIVERS:])
            or any(_lower_by_three(state, who, to) for to in receivers[:RECEIVERS])
        ):
            return


def _lower(state, who, to):
    """Make the larger of two loads smaller, by a move or an exchange, if there is one that does."""
    gap = state.load[who] - state.load[to]
    if gap <= 1:
        return False
    best, best_distance = None, gap
    for one in _nearest(state.held[who], gap / 2):
        distance = abs(gap - 2 * state.weight[one])
        if distance < best_distance and state.may_take(to, one):
            best, best_distance = (one,), distance
    for weight, one in state.held[who]:
        for other in _nearest(state.held[to], weight - gap / 2):
            distance = abs(gap - 2 * (weight - state.weight[other]))
            if distance < best_distance and state.may_exchange(one, other):
                best, best_distance = (one, other), distance
    # a larger step with a move is worth more than a perfect one with two
    if best is None or best_distance >= gap:
        return False
    state.move(best[0], to)
    if len(best) > 1:
        state.move(best[1], who)
    return True


def _lower_by_three(state, who, to):
    """As `_lower`, with two customers against one, or two alone, where both hold few."""
    mine, theirs = state.held[who][-30:], state.held[to][-30:]
    gap = state.load[who] - state.load[to]
    if gap <= 1:
        return False
    best, best_distance = None, gap
    options = [(0, None), *theirs]
    for index, (weight, one) in enumerate(mine):
        for second_weight, second in mine[:index]:
            for back, other in options:
                distance = abs(gap - 2 * (weight + second_weight - back))
                if distance < best_distance and _try(
                    state, ((one, to), (second, to), (other, who))
                ):
                    best, best_distance = ((one, to), (second, to), (other, who)), distance
        for back_index, (back, other) in enumerate(theirs):
            for second_back, second in theirs[:back_index]:
                distance = abs(gap - 2 * (weight - back - second_back))
                if distance < best_distance and _try(
                    state, ((one, to), (other, who), (second, who))
                ):
                    best, best_distance = ((one, to), (other, who), (second, who)), distance
    if best is None:
        return False
    for number, target in best:
        if number is not None:
            state.move(number, target)
    return True


def _try(state, moves):
    """Whether these moves together break no rule, and no limit further."""
    moves = [(number, target) for number, target in moves if number is not None]
    if any(target not in state.allowed[number] for number, target in moves):
        return False
    count, won = {}, {}
    for number, target in moves:
        for person, sign in ((target, 1), (state.holder[number], -1)):
            count[person] = count.get(person, 0) + sign
            won[person] = won.get(person, 0) + sign * state.is_won[number]
    return all(
        more <= 0 or state.count[person] + more <= state.capacity[person]
        for person, more in count.items()
    ) and all(
        more <= 0 or state.won[person] + more <= state.won_capacity[person]
        for person, more in won.items()
    )


def _nearest(held, weight, around=4):
    """The customers of about a weight."""
    index = bisect_left(held, (weight, -1))
    return [number for _weight, number in held[max(0, index - around) : index + around]]


def _with_few_moves(start, best):
    """Reach the load that was found, or one that is as good, with fewer moves."""
    target, excess = max(best.load), best.excess()
    ceiling = max(target, int(max(target, _floor(start)) * (1 + TOLERANCE)))
    candidates = [best]
    dice = random.Random(0)
    # the first attempt always takes the best customer, further ones of small plans the next best too
    for attempt in range(2 * RESTARTS if len(start.customers) <= SMALL else 1):
        state = start.clone()
        _repair(state)
        if _build(state, ceiling, dice if attempt else None) and state.excess() <= excess:
            candidates.append(state)
    for state in candidates:
        _take_back(state, ceiling, excess)
    best = min(candidates, key=lambda state: (state.move_count(), max(state.load)))
    if len(start.customers) <= SMALL:
        best = _fewest_moves(start, ceiling, best)
    return best


def _lower_systematically(start, best):
    """Look for a plan with a smaller load, as long as that does not take too many steps."""
    floor = _floor(start)
    while not _is_good(best, floor):
        ceiling = int(max(floor, max(best.load) * (1 - TOLERANCE)))
        found = _Search(ceiling).run(_relaxed(start, best), frozenset(), len(start.customers))
        if not found:
            break
        best = found
    return best


def _fewest_moves(start, ceiling, best):
    """Look for a plan with fewer moves systematically, as long as that does not take too many steps:
    with one move, with two, ..."""
    search = _Search(ceiling)
    for count in range(1, best.move_count()):
        if found := search.run(_relaxed(start, best), frozenset(), count):
            return found
        if search.steps < 0:
            break
    return best


def _relaxed(start, best):
    """The start, where a limit that could not be kept is no reason to search on."""
    state = start.clone()
    state.capacity = [max(pair) for pair in zip(start.capacity, best.count, strict=True)]
    state.won_capacity = [max(pair) for pair in zip(start.won_capacity, best.won, strict=True)]
    return state


class _Search:
    """A systematic search: whoever is above the ceiling or a limit has to give a customer away, and
    any customer moves once at most."""

    def __init__(self, ceiling):
        self.ceiling, self.steps = ceiling, STEPS

    def run(self, state, moved, left):
        """Return a state below the ceiling with so many more moves at most, or None."""
        self.steps -= 1
        above = [who for who in state.people if _needs(state, who, self.ceiling)]
        if not above:
            return state
        if left < sum(_needs(state, who, self.ceiling) for who in above) or self.steps < 0:
            return None
        who = max(above, key=lambda person: (state.load[person], -person))
        for _weight, number in reversed(list(state.held[who])):
            if number in moved:
                continue
            for to in sorted(state.allowed[number] - {who}, key=lambda to: (state.load[to], to)):
                state.move(number, to)
                if found := self.run(state, moved | {number}, left - 1):
                    return found
                state.move(number, who)
        return None


def _needs(state, who, ceiling):
    """How many customers somebody has to give away at least, to get below the ceiling and the limits."""
    count = max(
        0,
        state.count[who] - state.capacity[who],
        state.won[who] - state.won_capacity[who],
    )
    over = state.load[who] - ceiling
    for given, (weight, _number) in enumerate(reversed(state.held[who]), 1):
        if over <= 0:
            return max(count, given - 1)
        over -= weight
    return max(count, len(state.held[who]) + (over > 0) * len(state.holder))


def _build(state, ceiling, dice=None):
    """Bring everybody below a load, by moves alone, each of the customer that does most.

    :param random.Random dice: Passes some over; None: none.
    :return: Whether it succeeded.
    """
    for who in sorted(state.people, key=lambda person: (-state.load[person], person)):
        while state.load[who] > ceiling:
            over = state.load[who] - ceiling
            held = state.held[who]
            # one that is enough by itself, as small as possible; else the largest
            enough = held[bisect_left(held, (over, -1)) :]
            rest = held[: len(held) - len(enough)]
            for weight, number in [*enough, *reversed(rest)]:
                if dice and dice.random() < PASSED_OVER:
                    continue
                fitting = [
                    to
                    for to in state.people
                    if to != who
                    and state.load[to] + weight <= ceiling
                    and state.may_take(to, number)
                ]
                if fitting:
                    # where it fits best, so that room for large ones is left
                    state.move(number, max(fitting, key=lambda to: (state.load[to], -to)))
                    break
            else:
                return False
    return True


def _take_back(state, ceiling, excess):
    """Take back moves that are not needed; let one move do the work of two."""
    changed = True
    while changed:
        changed = False
        moved = [n for n in range(len(state.holder)) if state.holder[n] != state.owner[n]]
        for number in sorted(moved, key=lambda n: (state.weight[n], n)):
            holder, owner = state.holder[number], state.owner[number]
            if state.load[owner] + state.weight[number] > ceiling:
                continue
            state.move(number, owner)
            if state.excess() > excess:
                state.move(number, holder)
            else:
                changed = True
