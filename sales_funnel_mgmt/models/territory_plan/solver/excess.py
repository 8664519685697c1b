"""Find the least possible excess where the limits cannot be kept: a flow of least cost.

Each customer is a unit of flow. It comes from its class (who may hold it, and whether it is won), goes
through the won or the other customers of a salesperson to all their customers, and from there to the sink.
Flow above a limit costs. As long as there is a cycle with negative costs, moving customers along it lowers
the excess; without one, the excess is the least possible (Klein 1967).
"""

SINK = ('sink',)


def reduce_excess(state):
    """Lower the number of customers above the limits as far as possible.

    Of the states with the same number, one with the fewest customers above capacities is chosen.
    """
    while state.excess() and (cycle := _find_cycle(_get_arcs(state))):
        _follow(state, cycle)


def _get_arcs(state):
    """Return the arcs along which customers can be moved: (from, to, cost, number of customers)."""
    arcs = []
    much = len(state.customers) + 1
    for (allowed, is_won), held in _get_classes(state).items():
        source = ('class', allowed, is_won)
        for who in allowed:
            door = ('won' if is_won else 'other', who)
            arcs += [(source, door, 0, much), (door, source, 0, len(held.get(who, ())))]
    for who in state.people:
        won, other, everything = ('won', who), ('other', who), ('all', who)
        arcs += [
            (other, everything, 0, much),
            (everything, other, 0, much),
            *_get_limit_arcs(won, everything, state.won[who], state.won_capacity[who], much),
            *_get_limit_arcs(everything, SINK, state.count[who], state.capacity[who], much + 1),
        ]
    return [arc for arc in arcs if arc[3] > 0]


def _get_limit_arcs(tail, head, number, limit, cost):
    """Return the arcs of one more and one fewer customer of a limit; each above it costs.

    The cost is higher than the number of customers, and stands for it where there is no limit.
    """
    return [
        (tail, head, 0, limit - number) if number < limit else (tail, head, cost, cost),
        (head, tail, -cost, number - limit) if number > limit else (head, tail, 0, cost),
    ]


def _get_classes(state):
    """Return the numbers of the customers that may move, by class and holder, the lightest first."""
    classes = {}
    for who in state.people:
        for _weight, number in state.held[who]:
            key = (state.allowed[number], state.is_won[number])
            classes.setdefault(key, {}).setdefault(who, []).append(number)
    return classes


def _find_cycle(arcs):
    """Return the arcs of a cycle with negative costs, or None (Bellman-Ford)."""
    distance = {node: 0 for arc in arcs for node in arc[:2]}
    arrival = {}
    for _turn in distance:
        changed = False
        for arc in arcs:
            tail, head, cost, _most = arc
            if distance[tail] + cost < distance[head]:
                distance[head] = distance[tail] + cost
                arrival[head] = arc
                changed = True
        if not changed:
            return None
        if cycle := _close_cycle(arrival):
            return cycle
    return None


def _close_cycle(arrival):
    """Return the arcs of a cycle among the arcs by which the nodes are reached, or None."""
    seen = {}
    for origin in arrival:
        node = origin
        while node in arrival and node not in seen:
            seen[node] = origin
            node = arrival[node][0]
        if node in arrival and seen[node] == origin:
            cycle, first = [], node
            while True:
                cycle.append(arrival[node])
                node = arrival[node][0]
                if node == first:
                    return cycle[::-1]
    return None


def _follow(state, cycle):
    """Move as many customers along a cycle as all its arcs allow."""
    most = min(arc[3] for arc in cycle)
    average = sum(state.load) / len(state.load)
    for (door, source, *_rest), (_source, target, *_other) in zip(
        cycle, [*cycle[1:], cycle[0]], strict=True
    ):
        if source[0] != 'class' or door == target:
            continue
        giver, taker = door[1], target[1]
        fitting = [
            number
            for _weight, number in state.held[giver]
            if (state.allowed[number], state.is_won[number]) == source[1:]
        ]
        if state.load[giver] > average:
            fitting.reverse()
        for number in fitting[:most]:
            state.move(number, taker)
