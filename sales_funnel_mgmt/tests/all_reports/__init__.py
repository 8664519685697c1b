"""Test all reports together."""

from . import test_states, test_year
