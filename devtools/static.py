"""Run the static checks, the hooks of .pre-commit-config.yaml."""

import os
import re
import subprocess

from .settings import ENV_DIR, LINT_VENV, REPO
from .source import files


def hooks():
    """Return the names of the hooks that check."""
    config = (REPO / '.pre-commit-config.yaml').read_text()
    names = re.findall(r'^ +- id: (\S+)$', config, re.MULTILINE)
    return [name for name in names if not name.startswith('format-')]


def run(*arguments, **options):
    """Run hooks on all files, including uncommitted ones, and return the result."""
    return subprocess.run(
        [LINT_VENV / 'bin/pre-commit', 'run', *arguments, '--files', *files()],
        cwd=REPO,
        env={**os.environ, 'PRE_COMMIT_HOME': str(ENV_DIR / 'pre-commit')},
        stdin=subprocess.DEVNULL,
        check=False,
        **options,
    )
