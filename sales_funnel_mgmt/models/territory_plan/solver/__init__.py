"""Propose moves of customers between salespeople in plain Python, with a reproducible result.

The solver keeps the rules: locked customers stay, a customer moves as a whole, novices get no key
accounts, and no salesperson exceeds the concentration limit or their capacity. Within the rules, it
makes the largest load small, with few moves:

1. *Repair*: salespeople above a limit give customers away until they are within it. If that is
   impossible, the least possible number of customers stays above the limits.
2. *Balance*: the salesperson with the largest load gives a customer or exchanges customers, as long as
   this lowers the larger of the two loads. Small plans are searched from several starting points.
3. *Few moves*: the same load, or one within `TOLERANCE` of it, is built again with as few moves as
   possible, large customers first. Unnecessary moves are taken back.

The tests compare small plans with an exact solver. The limits are kept, or exceeded as little as
possible. Where they can be kept, the largest load is within 1 % of the best possible one, and there are
at most `most_moves(fewest possible, salespeople)` moves.
"""

from .balance import SMALL, balance, repair, restart
from .excess import reduce_excess
from .few_moves import use_few_moves
from .instance import Customer, Move, Salesperson, State, most_moves, won_limit
from .systematic import lower_systematically

__all__ = ['Customer', 'Move', 'Salesperson', 'most_moves', 'propose', 'won_limit']


def propose(customers, salespeople, concentration_limit=None, won_total=None):
    """Propose moves.

    :param list[Customer] customers: Customers of the plan.
    :param list[Salesperson] salespeople: Salespeople of the plan.
    :param float concentration_limit: Largest share (0 to 100) of the won customers that a salesperson
        may hold. None means no limit.
    :param int won_total: Number of different won customers. None means that no customer is shared.
    :rtype: list[Move]
    """
    if len(salespeople) < 2 or not customers:
        return []
    start = State.begin(customers, salespeople, concentration_limit, won_total)
    best = _search(start)
    return best.moves(start)


def _search(start):
    """Return the best state that is found from the start."""
    best = start.clone()
    repair(best)
    reduce_excess(best)
    balance(best)
    if len(start.customers) <= SMALL:
        best = restart(start, best)
        best = lower_systematically(start, best)
    return use_few_moves(start, best)
