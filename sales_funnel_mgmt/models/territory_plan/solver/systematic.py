"""A systematic search for what is better still, as long as it does not take too many steps."""

from .balance import TOLERANCE, get_floor, is_good

# How many steps the search takes
STEPS = 20_000


def lower_systematically(start, best):
    """Look for a plan with a smaller load, as long as that does not take too many steps."""
    floor = get_floor(start)
    while not is_good(best, floor):
        ceiling = int(max(floor, max(best.load) * (1 - TOLERANCE)))
        found = _Search(ceiling).run(_relaxed(start, best), frozenset(), len(start.customers))
        if not found:
            break
        best = found
    return best


def find_fewest_moves(start, ceiling, best):
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
