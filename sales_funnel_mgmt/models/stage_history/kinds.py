"""Define in SQL how stays begin and end, for recorded and for rebuilt stays.

A state is the alias of a row with `stage_id`, `sequence` (of the stage), `is_won` and `user_id` of an
opportunity.
"""

from odoo.tools import SQL


def select_state(stage, user_id):
    """Return the SELECT of a state.

    :param str stage: Alias of the opportunity's row of crm_stage; all its columns are NULL without one.
    :param SQL user_id: The salesperson.
    """
    return SQL(
        "SELECT %(stage)s.id AS stage_id, %(stage)s.sequence,"
        " COALESCE(%(stage)s.is_won, FALSE) AS is_won, %(user_id)s AS user_id",
        stage=SQL.identifier(stage),
        user_id=user_id,
    )


def get_closed_as(is_active, is_lost):
    """Return the SQL expression of how an opportunity is closed: 'lost', 'archived', or NULL if it is open.

    :param SQL is_active: Condition that the opportunity is neither lost nor archived.
    :param SQL is_lost: Condition that it is lost, if it is not active.
    """
    return SQL("CASE WHEN %s THEN NULL WHEN %s THEN 'lost' ELSE 'archived' END", is_active, is_lost)


def get_exit_kind(before, after, closed_as, is_elsewhere):
    """Return the SQL expression of how a stay has ended.

    If several things changed at once, closing and winning count first, then the salesperson, team and
    company, then the stage.

    :param str before: State during the stay.
    :param str after: State after it. It differs, unless the opportunity has been closed or has got
        another team or company.
    :param SQL closed_as: See `get_closed_as`.
    :param SQL is_elsewhere: Condition that the opportunity has got another team or company.
    """
    return SQL(
        """COALESCE(%(closed_as)s, CASE
            WHEN %(after)s.is_won AND NOT %(before)s.is_won
            THEN 'advanced'
            WHEN %(after)s.user_id IS DISTINCT FROM %(before)s.user_id OR %(is_elsewhere)s
            THEN 'handed_over'
            WHEN %(before)s.is_won AND NOT %(after)s.is_won
            THEN 'moved_back'
            -- leaving an unknown stage counts as advancing
            WHEN %(before)s.stage_id IS NULL
              OR (%(after)s.sequence, %(after)s.stage_id)
               > (%(before)s.sequence, %(before)s.stage_id)
            THEN 'advanced'
            ELSE 'moved_back'
        END)""",
        before=SQL.identifier(before),
        after=SQL.identifier(after),
        closed_as=closed_as,
        is_elsewhere=is_elsewhere,
    )


def get_entry_kind(is_first, exit_kind):
    """Return the expression of how a stay has begun.

    :param SQL is_first: Condition that the opportunity had no stay before.
    :param SQL exit_kind: How the stay before ended with the same change; NULL if it had ended already,
        when the opportunity was closed.
    """
    return SQL("CASE WHEN %s THEN 'created' ELSE COALESCE(%s, 'reopened') END", is_first, exit_kind)


def is_beginning(stay):
    """Return the condition that an opportunity begins with a stay: it is created, or converted from a lead.

    :param str stay: Alias of a row of crm_stage_history.
    """
    return SQL(
        """(%(stay)s.change_kind = 'created'
            -- created in a won stage
            OR %(stay)s.change_kind = 'won' AND %(stay)s.entered_at = %(stay)s.started_at)""",
        stay=SQL.identifier(stay),
    )


def is_left_by_winning(exit_kind, is_won, is_won_next):
    """Return the condition that a stay has ended because the opportunity was won.

    :param SQL exit_kind: How it ended.
    :param SQL is_won: Condition that the opportunity was won during the stay already.
    :param SQL is_won_next: Condition that it was won after it.
    """
    return SQL("COALESCE(%s = 'advanced' AND %s AND NOT %s, FALSE)", exit_kind, is_won_next, is_won)
