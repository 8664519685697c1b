"""Two transactions that change the same: PostgreSQL refuses one of them, which starts again.

Not by `odoo.service.model.retrying`: it commits, which a scheduled action does itself to note its
progress, and it waits up to half a minute in between.
"""

from psycopg2.errors import DeadlockDetected, SerializationFailure

ATTEMPTS = 20


def retry_on_conflict(env, work):
    """Do a part of a scheduled action; after a conflict, once more, with the data as it is then.

    :param work: Function that does the part, on its own since the last commit: a conflict undoes
        all that was not committed.
    :return: What it returns; None if all attempts came to a conflict.
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
