"""The same load with few moves: built again, large customers first, and what is not needed taken back."""

import random
from bisect import bisect_left

from .balance import RESTARTS, SMALL, TOLERANCE, get_floor, repair
from .systematic import find_fewest_moves

# Share of the customers that a further attempt passes over
PASSED_OVER = 0.3


def use_few_moves(start, best):
    """Reach the load that was found, or one that is as good, with fewer moves."""
    target, excess = max(best.load), best.excess()
    ceiling = max(target, int(max(target, get_floor(start)) * (1 + TOLERANCE)))
    candidates = [best]
    dice = random.Random(0)
    # the first attempt always takes the best customer, further ones of small plans the next best too
    for attempt in range(2 * RESTARTS if len(start.customers) <= SMALL else 1):
        state = start.clone()
        repair(state)
        if _build(state, ceiling, dice if attempt else None) and state.excess() <= excess:
            candidates.append(state)
    for state in candidates:
        _take_back(state, ceiling, excess)
    best = min(candidates, key=lambda state: (state.move_count(), max(state.load)))
    if len(start.customers) <= SMALL:
        best = find_fewest_moves(start, ceiling, best)
    return best


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
