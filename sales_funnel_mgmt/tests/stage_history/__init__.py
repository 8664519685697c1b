"""Test the stage history and its reports."""

from . import (
    test_stage_history,
    test_stage_history_access,
    test_stage_history_backfill,
    test_stage_history_concurrency,
    test_stage_history_random,
    test_stage_history_repair,
    test_stage_kinds,
    test_stage_reports,
)
