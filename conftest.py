"""Fail tests that are skipped or that log a warning in Odoo's log."""

import logging
import os
from pathlib import Path

import pytest

from devtools import logcheck, testing


class _Listener(logging.Handler):
    """Collects every record from WARNING on that reaches the root logger.

    `assertLogs` and `mute_logger` keep expected records away.
    """

    def __init__(self):
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter('%(levelname)s %(name)s: %(message)s'))
        self.found = []

    def emit(self, record):
        if not logcheck.is_allowed(record.name, record.getMessage()):
            self.found.append(self.format(record))

    def take(self):
        found, self.found = self.found, []
        return found


def pytest_configure(config):
    config.sfm_listener = _Listener()
    logging.getLogger().addHandler(config.sfm_listener)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    logged = item.config.sfm_listener.take()
    if report.skipped and not hasattr(report, 'wasxfail'):
        report.outcome = 'failed'
        report.longrepr = f"skipped, which counts as a failure: {_reason(report)}"
    elif logged and not report.failed:
        report.outcome = 'failed'
        report.longrepr = "Odoo logged what it should not:\n" + '\n'.join(logged)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.skipped:
        report.outcome = 'failed'
        report.longrepr = f"skipped, which counts as a failure: {_reason(report)}"
    return report


def _reason(report):
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr


def pytest_sessionfinish(session, exitstatus):
    # Subtests report separately: any skipped test or subtest fails the run.
    reporter = session.config.pluginmanager.get_plugin('terminalreporter')
    if exitstatus == pytest.ExitCode.OK and reporter and reporter.stats.get('skipped'):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if testing.COUNTS in os.environ:
        stats = terminalreporter.stats
        passed, failed, errors = (len(stats.get(key, ())) for key in ('passed', 'failed', 'error'))
        Path(os.environ[testing.COUNTS]).write_text(f'{passed} {failed + errors}')
