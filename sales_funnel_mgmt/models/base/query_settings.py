"""Settings of PostgreSQL for a query that runs better with others than those of the server."""

from contextlib import contextmanager

from odoo.tools import SQL


@contextmanager
def query_settings(env, **settings):
    """Run queries with other settings, and put the former ones back afterwards.

    After an error nothing is put back: the settings go when the transaction, or its savepoint, is
    rolled back.

    :param settings: Values, as text, by name of the setting.
    """
    former = _exchange(env, settings)
    yield
    _exchange(env, former)


def _exchange(env, settings):
    """Set values until the end of the transaction, and return those that there were."""
    [values] = env.execute_query(
        SQL(
            "SELECT %s, %s",
            # from left to right: read before they are set
            SQL(", ").join(SQL("current_setting(%s)", name) for name in settings),
            SQL(", ").join(
                SQL("set_config(%s, %s, true)", name, value) for name, value in settings.items()
            ),
        )
    )
    return dict(zip(settings, values[: len(settings)], strict=True))
