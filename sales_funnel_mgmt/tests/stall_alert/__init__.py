"""Test the stall alerts."""

from . import (
    test_stall_access,
    test_stall_alerts,
    test_stall_clocks,
    test_stall_digest,
    test_stall_snooze,
    test_stall_tour,
)
