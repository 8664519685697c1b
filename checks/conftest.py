"""What the tests of this folder share."""

import pytest

from devtools import database


@pytest.fixture
def name():
    """The name of a database to be made; it is dropped afterwards."""
    with database.throwaway('check') as throwaway:
        yield throwaway
