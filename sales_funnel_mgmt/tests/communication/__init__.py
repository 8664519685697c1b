"""Test the communications."""

from . import (
    test_communication_concurrency,
    test_communication_contact,
    test_communication_counting,
    test_communication_digest,
    test_communication_parts,
    test_communication_random,
    test_communication_report,
    test_communication_report_access,
)
