"""Repeat the work of a scheduled action when it conflicts with another transaction.

Odoo's own `odoo.service.model.retrying` does not fit: it commits, while a scheduled action commits
together with its progress, and it waits up to half a minute between its attempts.
"""

from psycopg2.errors import DeadlockDetected, SerializationFailure

ATTEMPTS = 20


def retry_on_conflict(env, work):
    """Do some work, and repeat it if PostgreSQL refuses it in favor of another transaction.

    A conflict rolls back all that was not committed before.

    :param work: Function to call.
    :return: What the function returns; None if each attempt ended in a conflict.
    """
    for _attempt in range(ATTEMPTS):
        try:
            result = work()
            env.flush_all()
        except (SerializationFailure, DeadlockDetected):
            env.cr.rollback()
        else:
            return result
    return None
