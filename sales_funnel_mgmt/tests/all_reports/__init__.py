"""Test all reports together."""

from . import test_figures, test_states
