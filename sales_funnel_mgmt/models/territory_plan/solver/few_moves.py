"""Reach the same largest load with fewer moves."""

import random
from bisect import bisect_left

from .balance import RESTARTS, SMALL, TOLERANCE, get_floor, repair
from .excess import reduce_excess
from .systematic import find_fewest_moves

# Share of the customers that a randomized attempt skips
SKIPPED = 0.3


def use_few_moves(start, best):
    """Return a state with few moves whose largest load is as good as that of the best state."""
    target, excess = max(best.load), best.excess()
    ceiling = max(target, int(max(target, get_floor(start)) * (1 + TOLERANCE)))
    candidates = [best]
    rng = random.Random(0)
    # The first attempt always moves the best customer. Further attempts skip some at random.
    for attempt in range(2 * RESTARTS if len(start.customers) <= SMALL else 1):
        state = start.clone()
        repair(state)
        reduce_excess(state)
        if _build(state, ceiling, rng if attempt else None) and state.excess() <= excess:
            candidates.append(state)
    for state in candidates:
        _take_back(state, ceiling, excess)
    best = min(candidates, key=lambda state: (state.move_count(), max(state.load)))
    if len(start.customers) <= SMALL:
        best = find_fewest_moves(start, ceiling, best)
    return best


def _build(state, ceiling, rng=None):
    """Bring all loads below the ceiling by moving the most effective customers.

    :param random.Random rng: Generator to skip customers with. None skips none.
    :return: Whether all loads are below the ceiling.
    """
    for who in sorted(state.people, key=lambda person: (-state.load[person], person)):
        while state.load[who] > ceiling:
            over = state.load[who] - ceiling
            held = state.held[who]
            # Prefer the smallest customer that is sufficient, otherwise take the largest.
            enough = held[bisect_left(held, (over, -1)) :]
            rest = held[: len(held) - len(enough)]
            for weight, number in [*enough, *reversed(rest)]:
                if rng and rng.random() < SKIPPED:
                    continue
                fitting = [
                    to
                    for to in state.people
                    if to != who
                    and state.load[to] + weight <= ceiling
                    and state.may_take(to, number)
                ]
                if fitting:
                    # Choose the receiver with the largest load, to leave room for large customers.
                    state.move(number, max(fitting, key=lambda to: (state.load[to], -to)))
                    break
            else:
                return False
    return True


def _take_back(state, ceiling, excess):
    """Take back moves that are not necessary."""
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
