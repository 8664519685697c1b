"""Test handovers between salespeople."""

from . import (
    test_archive_user,
    test_handover,
    test_handover_access,
    test_handover_allocation,
    test_handover_audit,
    test_handover_book,
    test_handover_callers,
    test_handover_later,
    test_handover_leave,
    test_handover_tour,
    test_handover_waves,
)
