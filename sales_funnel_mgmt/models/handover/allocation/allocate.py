"""Spreading customers over receivers: plain Python, the same input always gives the same result."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bundle:
    """What goes to one receiver as a whole: the opportunities of a customer.

    :param key: Whatever identifies the customer.
    :param int count: Number of opportunities.
    :param float value: Their worth.
    :param frozenset allowed: Keys of the receivers who may get it; None: all of them.
    """

    key: object
    count: int
    value: float = 0
    allowed: frozenset | None = None


@dataclass
class Receiver:
    """Who gets bundles.

    :param key: Whatever identifies the receiver.
    :param int capacity: How many opportunities at most; 0: no limit.
    :param int count: Number of opportunities that they get already.
    :param float value: Their worth.
    """

    key: object
    capacity: int = 0
    count: int = 0
    value: float = 0
    bundles: list = field(default_factory=list)

    def can_take(self, bundle):
        return (bundle.allowed is None or self.key in bundle.allowed) and (
            not self.capacity or self.count + bundle.count <= self.capacity
        )

    def take(self, bundle):
        self.bundles.append(bundle.key)
        self.count += bundle.count
        self.value += bundle.value


def allocate(bundles, receivers, method):
    """Decide who gets which bundle.

    :param list[Bundle] bundles: In the order in which they are to be served.
    :param list[Receiver] receivers: In their order; what they have already counts.
    :param str method: 'single': to the first one; 'round_robin': one after the other; 'balanced':
        so that value and number are spread evenly; 'manual': to nobody.
    :return: The key of the receiver by that of the bundle; None: it fits nowhere.
    :rtype: dict
    """
    receiver_by_bundle = {bundle.key: None for bundle in bundles}
    spread = {'single': _single, 'round_robin': _round_robin, 'balanced': _balanced}.get(method)
    if spread and receivers:
        for bundle, receiver in spread(bundles, receivers):
            receiver.take(bundle)
            receiver_by_bundle[bundle.key] = receiver.key
    return receiver_by_bundle


def _single(bundles, receivers):
    for bundle in bundles:
        if receivers[0].can_take(bundle):
            yield bundle, receivers[0]


def _round_robin(bundles, receivers):
    turn = 0
    for bundle in bundles:
        for step in range(len(receivers)):
            receiver = receivers[(turn + step) % len(receivers)]
            if receiver.can_take(bundle):
                # whoever is passed over because they are full loses that turn
                turn = (turn + step + 1) % len(receivers)
                yield bundle, receiver
                break


def _balanced(bundles, receivers):
    """The heaviest first, each to the one who would have least with it.

    Weight and load are shares of the whole, in value and in number alike: with no values at all,
    the numbers decide alone.
    """
    all_count = sum(bundle.count for bundle in bundles) + sum(r.count for r in receivers) or 1
    all_value = sum(bundle.value for bundle in bundles) + sum(r.value for r in receivers) or 1

    def share(count, value):
        return count / all_count + value / all_value

    # sorted() is stable: equal ones stay in their order
    for bundle in sorted(bundles, key=lambda one: -share(one.count, one.value)):
        able = [receiver for receiver in receivers if receiver.can_take(bundle)]
        if able:
            yield bundle, min(able, key=lambda receiver: share(receiver.count, receiver.value))
