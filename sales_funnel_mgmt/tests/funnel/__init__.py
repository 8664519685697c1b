"""Test the funnel view and its figures."""

from . import test_funnel, test_funnel_tour
