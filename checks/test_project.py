"""One test for each check of the project."""

import os

import pytest

from devtools import background

# only a whole run installs the addons in a new database
NAMES = [*(['install'] if background.VARIABLE in os.environ else []), *background.CHECKS]


@pytest.mark.parametrize('name', NAMES)
def test_check(name):
    error = background.outcome(name)['error']
    if error:
        pytest.fail(error, pytrace=False)
