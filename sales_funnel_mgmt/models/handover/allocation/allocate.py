"""Allocate bundles of opportunities to receivers in plain Python, with a reproducible result."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bundle:
    """The opportunities of one customer, which go to the same receiver.

    :param key: Identifier of the customer.
    :param int count: Number of opportunities.
    :param float value: Sum of their expected revenues.
    :param frozenset allowed: Keys of the receivers who may get the bundle. None allows all.
    """

    key: object
    count: int
    value: float = 0
    allowed: frozenset | None = None


@dataclass
class Receiver:
    """A salesperson who gets bundles.

    :param key: Identifier of the receiver.
    :param int capacity: Largest number of opportunities. 0 means no limit.
    :param int count: Number of opportunities that the receiver has already.
    :param float value: Sum of their expected revenues.
    """

    key: object
    capacity: int = 0
    count: int = 0
    value: float = 0
    bundles: list = field(default_factory=list)

    def can_take(self, bundle):
        """Return whether the receiver may get the bundle and has room for it."""
        return (bundle.allowed is None or self.key in bundle.allowed) and (
            not self.capacity or self.count + bundle.count <= self.capacity
        )

    def take(self, bundle):
        """Add the bundle to those of the receiver."""
        self.bundles.append(bundle.key)
        self.count += bundle.count
        self.value += bundle.value


def allocate(bundles, receivers, method):
    """Choose a receiver for each bundle.

    :param list[Bundle] bundles: Bundles, in the order in which they are allocated.
    :param list[Receiver] receivers: Receivers, in their order, with the load that they have.
    :param str method: 'single' gives all bundles to the first receiver, 'round_robin' to each in
        turn, 'balanced' spreads value and number evenly, and 'manual' allocates nothing.
    :return: Key of the receiver by key of the bundle. None if no receiver can take the bundle.
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
                # A receiver who is full loses the turn.
                turn = (turn + step + 1) % len(receivers)
                yield bundle, receiver
                break


def _balanced(bundles, receivers):
    """Give the largest bundle first, each to the receiver who has the smallest load.

    The size of a bundle is the sum of its shares of the total number and of the total value. If no
    bundle has a value, the number decides.
    """
    all_count = sum(bundle.count for bundle in bundles) + sum(r.count for r in receivers) or 1
    all_value = sum(bundle.value for bundle in bundles) + sum(r.value for r in receivers) or 1

    def share(count, value):
        return count / all_count + value / all_value

    # sorted() is stable, so that bundles of the same size keep their order.
    for bundle in sorted(bundles, key=lambda one: -share(one.count, one.value)):
        able = [receiver for receiver in receivers if receiver.can_take(bundle)]
        if able:
            yield bundle, min(able, key=lambda receiver: share(receiver.count, receiver.value))
