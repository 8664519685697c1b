"""Keep notes during a transaction: sets or dicts, by name, on its cursor.

Notes last either until the cursor is flushed or until the transaction ends. RPC calls cannot access
them. Names begin with `sales_funnel_mgmt.`, since all addons share the cursor.
"""


def get_notes_until_flush(env, name, make=set, when_flushed=None):
    """Return the notes of a name that last until the cursor is flushed or rolled back.

    The cursor is flushed before the commit and around each savepoint. If one of the notes has a method
    to call, the flush deletes all of them. A rollback deletes them as well, even one to a savepoint.

    :param str name: Name of the notes.
    :param make: Type of the notes, called to create them.
    :param when_flushed: Method to call when the cursor is flushed, once for these notes. It takes the
        notes with `take_notes`.
    """
    precommit = env.cr.precommit
    if name not in precommit.data:
        precommit.data[name] = make()
        if when_flushed:
            precommit.add(when_flushed)
    return precommit.data[name]


def has_notes(env, name):
    """Return whether `get_notes_until_flush` has notes of a name, and they are not empty."""
    return bool(env.cr.precommit.data.get(name))


def take_notes(env, name):
    """Return the notes of `get_notes_until_flush`, or None, and remove them."""
    return env.cr.precommit.data.pop(name, None)


def get_notes_until_end(env, name, make=set):
    """Return the notes of a name that last until the transaction is committed or rolled back.

    They outlast savepoints and rollbacks to a savepoint.

    :param str name: Name of the notes.
    :param make: Type of the notes, called to create them.
    """
    return env.cr.postcommit.data.setdefault(name, make())
