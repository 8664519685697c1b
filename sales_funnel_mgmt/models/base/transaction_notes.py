"""Notes that a transaction keeps for itself: sets or dicts, by name, on its cursor.

They last either until the cursor is flushed or until the transaction ends. A caller over RPC cannot
reach them. Names begin with `sales_funnel_mgmt.`, for all addons share the cursor.
"""


def get_notes_until_flush(env, name, make=set, when_flushed=None):
    """Return the notes of a name that last until the cursor is flushed or rolled back.

    The cursor is flushed before the commit and around each savepoint, and forgets these notes then as
    soon as anything had to be called. It forgets them as well when it is rolled back, also to a
    savepoint.

    :param str name: Name of the notes.
    :param make: Function that makes the notes when there are none.
    :param when_flushed: Method to call when the cursor is flushed, once for these notes. It takes the
        notes with `take_notes`.
    """
    precommit = env.cr.precommit
    if name not in precommit.data:
        precommit.data[name] = make()
        if when_flushed:
            precommit.add(when_flushed)
    return precommit.data[name]


def take_notes(env, name):
    """Return the notes of `get_notes_until_flush`, or None, and forget them."""
    return env.cr.precommit.data.pop(name, None)


def get_notes_until_end(env, name, make=set):
    """Return the notes of a name that last until the transaction is committed or rolled back. They
    outlast savepoints, and a rollback to one.

    :param str name: Name of the notes.
    :param make: Function that makes the notes when there are none.
    """
    return env.cr.postcommit.data.setdefault(name, make())
