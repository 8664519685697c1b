"""Provide the fixtures of these tests."""

import pytest

from devtools import database


@pytest.fixture
def name():
    """Return the name of a new database, which is dropped afterwards."""
    with database.throwaway('check') as throwaway:
        yield throwaway
