"""Search small plans systematically for a smaller load or fewer moves."""

from .balance import TOLERANCE, get_floor, is_good

# Largest number of steps of a search
STEPS = 20_000


def lower_systematically(start, best):
    """Return a state with the smallest largest load that is found within the number of steps."""
    floor = get_floor(start)
    while not is_good(best, floor):
        ceiling = int(max(floor, max(best.load) * (1 - TOLERANCE)))
        found = _Search(ceiling).run(_relaxed(start, best), frozenset(), len(start.customers))
        if not found:
            break
        best = found
    return best


def find_fewest_moves(start, ceiling, best):
    """Return a state with the fewest moves that is found within the number of steps.

    The search tries one move, then two, and so on.
    """
    search = _Search(ceiling)
    for count in range(1, best.move_count()):
        if found := search.run(_relaxed(start, best), frozenset(), count):
            return found
        if search.steps < 0:
            break
    return best


def _relaxed(start, best):
    """Return the start with limits raised to what the best state exceeds.

    The search would go on in vain for limits that cannot be kept.
    """
    state = start.clone()
    state.capacity = [max(pair) for pair in zip(start.capacity, best.count, strict=True)]
    state.won_capacity = [max(pair) for pair in zip(start.won_capacity, best.won, strict=True)]
    return state


class _Search:
    """Depth-first search: salespeople above the ceiling or a limit give customers away.

    A customer moves at most once.
    """

    def __init__(self, ceiling):
        self.ceiling, self.steps = ceiling, STEPS

    def run(self, state, moved, left):
        """Return a state below the ceiling, or None.

        :param frozenset moved: Customers that have moved.
        :param int left: Largest number of further moves.
        """
        self.steps -= 1
        above = [who for who in state.people if _count_surplus(state, who, self.ceiling)]
        if not above:
            return state
        if left < sum(_count_surplus(state, who, self.ceiling) for who in above) or self.steps < 0:
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


def _count_surplus(state, who, ceiling):
    """Return how many customers a salesperson has to give away to be within ceiling and limits."""
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
