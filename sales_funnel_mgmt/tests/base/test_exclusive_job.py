"""Test that a second call of a job does nothing while the first one runs."""

from unittest.mock import patch

from psycopg2 import OperationalError

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL

# Job of a model, and the first method that it calls
JOBS = (
    ('crm.stall.alert', '_cron_run', '_close_and_resume'),
    ('crm.review.workbook', '_cron_make', 'search'),
    ('res.users', '_cron_ask_for_review_workbooks', '_get_review_workbook_readers'),
    ('res.users', '_cron_send_communication_digests', '_get_communication_digest_readers'),
    ('crm.handover', '_cron_continue_handovers', 'search'),
    ('crm.territory.plan', '_cron_compute_proposals', 'search'),
)


@tagged('post_install', '-at_install')
class TestExclusiveJob(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def _env(self, cr):
        return Environment(cr, SUPERUSER_ID, {})

    def _run_twice(self, first, second, job, first_step):
        """Run a job, and once more while it runs; then run it again."""
        calls = []

        def step(*args, **kwargs):
            calls.append(args)
            if len(calls) == 1:
                getattr(second, job)()
            raise ZeroDivisionError

        with patch.object(type(first), first_step, step):
            for expected in (1, 2):
                with self.assertRaises(ZeroDivisionError):
                    getattr(first, job)()
                self.assertEqual(len(calls), expected, "Only the first run does something")

    def test_second_run_does_nothing(self):
        for model, job, first_step in JOBS:
            with (
                self.subTest(job=f'{model}.{job}'),
                self.registry.cursor() as first_cr,
                self.registry.cursor() as second_cr,
            ):
                first, second = self._env(first_cr)[model], self._env(second_cr)[model]
                self._run_twice(first, second, job, first_step)
                first_cr.rollback()
                second_cr.rollback()

    def test_lock_is_given_back_after_an_error_of_the_database(self):
        with self.registry.cursor() as cr, self.registry.cursor() as other_cr:
            alert = self._env(cr)['crm.stall.alert']
            with (
                patch.object(type(alert), '_close_and_resume', lambda self: 1 / 0),
                self.assertRaises(ZeroDivisionError),
            ):
                alert._cron_run()
            cr.rollback()
            [(is_free,)] = self._env(other_cr).execute_query(
                SQL(
                    "SELECT pg_try_advisory_lock(hashtext(%s))",
                    'sales_funnel_mgmt.crm.stall.alert._cron_run',
                )
            )
            self.assertTrue(is_free)
            other_cr.execute("SELECT pg_advisory_unlock_all()")

    def test_workbook_that_met_another_transaction_is_tried_again(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            workbook = env['crm.review.workbook'].create({'state': 'waiting'})

            def meet_another(self, progress=None):
                raise OperationalError("could not serialize access")

            with (
                patch.object(type(workbook), '_make', meet_another),
                patch.object(type(env['ir.cron']), '_commit_progress', lambda *args, **kw: 60),
                patch.object(type(cr), 'rollback', lambda self: None),
            ):
                workbook._make_in_background()
            self.assertEqual((workbook.state, workbook.attempts), ('running', 1))
            cr.rollback()
