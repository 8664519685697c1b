"""Keep the jobs of scheduled actions from running twice at the same time."""

import logging
from functools import wraps

import psycopg2

from odoo.tools import SQL

_logger = logging.getLogger(__name__)


def exclusive_job(method):
    """Decorate the method of a scheduled action, so that a second call does nothing while one runs.

    Odoo locks a scheduled action while it runs, but not the method that it calls: a server action or a
    script can call it as well. The lock lasts over the commits and rollbacks of the job.
    """

    @wraps(method)
    def run_alone(self):
        name = f'sales_funnel_mgmt.{self._name}.{method.__name__}'
        # The lock belongs to the connection, not to the transaction: the job commits.
        [(is_free,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_lock(hashtext(%s))", name)
        )
        if not is_free:
            _logger.info("%s is running elsewhere", name)
            return None
        try:
            return method(self)
        except psycopg2.Error:
            # The database refuses every statement until the transaction is rolled back.
            self.env.cr.rollback()
            raise
        finally:
            self.env.cr.execute(SQL("SELECT pg_advisory_unlock(hashtext(%s))", name))

    return run_alone
