"""Repair exceeded limits, lower the largest load, and restart the search from other points."""

import random
from bisect import bisect_left

# Share by which a largest load may exceed the best one, if it takes fewer moves
TOLERANCE = 0.005
# Plans with at most SMALL customers are searched from RESTARTS other starting points
SMALL, RESTARTS = 150, 120
# Number of salespeople with the smallest loads that are tried first as receivers
RECEIVERS = 12


def restart(start, best):
    """Search from other starting points, chosen by a random generator with a fixed seed."""
    rng = random.Random(0)
    movable = [number for number, allowed in enumerate(start.allowed) if len(allowed) > 1]
    floor = get_floor(start)
    for turn in range(RESTARTS if movable else 0):
        if is_good(best, floor):
            break
        state = (best if turn % 3 else start).clone()
        for number in rng.sample(movable, min(len(movable), 2 + turn % 6)):
            receivers = [
                who
                for who in state.people
                if who != state.holder[number] and state.may_take(who, number)
            ]
            if receivers:
                state.move(number, rng.choice(receivers))
        repair(state)
        balance(state)
        if (state.excess(), max(state.load)) < (best.excess(), max(best.load)):
            best = state
    return best


def get_floor(state):
    """Return a lower bound of the largest load: the average, or the load that cannot move."""
    fixed = [0] * len(state.load)
    for number, allowed in enumerate(state.allowed):
        if len(allowed) == 1:
            fixed[state.holder[number]] += state.weight[number]
    return max(sum(state.load) / len(state.load), *fixed)


def is_good(state, floor):
    """Return whether the state keeps the limits and its largest load is close to the lower bound."""
    return not state.excess() and max(state.load) <= floor * (1 + TOLERANCE / 5)


def repair(state):
    """Give away customers above the limits, as far as others may take them.

    Salespeople with more than the average load give their largest customers first, which balances the
    loads as well. The others give their smallest ones.
    """
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
    """Give away the first of some customers that another salesperson may take."""
    for number in numbers:
        receivers = [to for to in state.people if to != who and state.may_take(to, number)]
        if receivers:
            state.move(number, min(receivers, key=lambda to: (state.load[to], to)))
            return True
    return False


def balance(state):
    """Lower the largest load step by step, until no step lowers it any more."""
    good_enough = get_floor(state) * (1 + TOLERANCE / 5)
    # Each step makes the sorted loads smaller, so that the loop ends. The bound is for safety.
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
    """Lower the larger of two loads by the best move or exchange. Return whether there was one."""
    gap = state.load[who] - state.load[to]
    if gap <= 1:
        return False
    best, best_distance = None, gap
    for one in _nearest(state.held[who], gap / 2):
        distance = abs(gap - 2 * state.weight[one])
        if distance < best_distance and state.may_take(to, one):
            best, best_distance = (one,), distance
    # An exchange moves less than the heaviest customer: if that customer moves, none is better.
    heaviest = state.held[who][-1][0] if state.held[who] else 0
    for weight, one in state.held[who] if best_distance > gap - 2 * heaviest else ():
        for other in _nearest(state.held[to], weight - gap / 2):
            distance = abs(gap - 2 * (weight - state.weight[other]))
            if distance < best_distance and state.may_exchange(one, other):
                best, best_distance = (one, other), distance
    # A step that does not lower the larger load is no improvement.
    if best is None or best_distance >= gap:
        return False
    state.move(best[0], to)
    if len(best) > 1:
        state.move(best[1], who)
    return True


def _lower_by_three(state, who, to):
    """Lower the larger of two loads by moving two customers, or exchanging two for one."""
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
                if distance < best_distance and _are_allowed(
                    state, ((one, to), (second, to), (other, who))
                ):
                    best, best_distance = ((one, to), (second, to), (other, who)), distance
        for back_index, (back, other) in enumerate(theirs):
            for second_back, second in theirs[:back_index]:
                distance = abs(gap - 2 * (weight - back - second_back))
                if distance < best_distance and _are_allowed(
                    state, ((one, to), (other, who), (second, who))
                ):
                    best, best_distance = ((one, to), (other, who), (second, who)), distance
    if best is None:
        return False
    for number, target in best:
        if number is not None:
            state.move(number, target)
    return True


def _are_allowed(state, moves):
    """Return whether moves together keep the rules, and exceed no limit further."""
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
    """Return the customers whose weight is close to the given one."""
    index = bisect_left(held, (weight, -1))
    return [number for _weight, number in held[max(0, index - around) : index + around]]
