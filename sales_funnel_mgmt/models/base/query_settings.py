"""Change the settings of PostgreSQL for some queries."""

from contextlib import contextmanager

from odoo.tools import SQL


@contextmanager
def query_settings(env, **settings):
    """Run queries with other settings, then restore the former ones.

    They are not restored after an error: rolling back the transaction or the savepoint does it.

    :param settings: Values, as text, by name of the setting.
    """
    former = _exchange(env, settings)
    yield
    _exchange(env, former)


def _exchange(env, settings):
    """Set values until the end of the transaction, and return the former ones."""
    [values] = env.execute_query(
        SQL(
            "SELECT %s, %s",
            # PostgreSQL evaluates from left to right: each value is read before it is set.
            SQL(", ").join(SQL("current_setting(%s)", name) for name in settings),
            SQL(", ").join(
                SQL("set_config(%s, %s, true)", name, value) for name, value in settings.items()
            ),
        )
    )
    return dict(zip(settings, values[: len(settings)], strict=True))
