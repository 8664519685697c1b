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

from .balance import SMALL, balance, repair, restart
from .few_moves import use_few_moves
from .instance import Customer, Move, Salesperson, State, most_moves, won_limit
from .systematic import lower_systematically

__all__ = ['Customer', 'Move', 'Salesperson', 'most_moves', 'propose', 'won_limit']


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
    start = State.begin(customers, salespeople, concentration_limit)
    best = _search(start)
    return best.moves(start)


def _search(start):
    best = start.clone()
    repair(best)
    balance(best)
    if len(start.customers) <= SMALL:
        best = restart(start, best)
        best = lower_systematically(start, best)
    return use_few_moves(start, best)
