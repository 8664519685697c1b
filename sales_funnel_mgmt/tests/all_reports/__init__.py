"""Test all reports together."""

from . import test_figures, test_readable, test_states, test_year
