"""Test what salespeople hold."""

from . import test_orphans
