"""Test key accounts and novices."""

from . import test_key_account
