"""Run the static checks, each as a test."""

import subprocess

import pytest

from devtools import static


@pytest.mark.parametrize('hook', static.hooks())
def test_hook(hook):
    done = static.run(hook, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert not done.returncode, done.stdout
