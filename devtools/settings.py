"""Define folders, versions and names."""

import contextlib
import fcntl
import hashlib
import json
import os
from pathlib import Path

from .console import say

REPO = Path(__file__).resolve().parent.parent
ENV_DIR = REPO / '.odoo'
VENV = ENV_DIR / 'venv'
LINT_VENV = ENV_DIR / 'lint'
DATA = ENV_DIR / 'data'
CONF = ENV_DIR / 'odoo.conf'
LOGS = ENV_DIR / 'log'
REQUIREMENTS = REPO / 'requirements'

SERIES = '19.0'
LANGUAGE = 'zh_CN'
# Prefix of all databases that ./dev names itself. Checkouts that share a PostgreSQL have different
# ones, so that each removes only its own databases.
DB_PREFIX = f"sfm_{hashlib.sha256(str(REPO).encode()).hexdigest()[:6]}_"


def cache_dir():
    """Return the cache folder of all checkouts, or None if it is not writable."""
    default = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache')
    folder = Path(os.environ.get('SFM_CACHE') or default / 'sales-funnel-mgmt')
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def addons():
    """Return the names of the addons of this repository."""
    return sorted(path.parent.name for path in REPO.glob('*/__manifest__.py'))


def state():
    """Return the results of the finished setup steps (paths, versions)."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return json.loads((ENV_DIR / 'env.json').read_text())
    return {}


def save_state(**values):
    write_atomically(
        ENV_DIR / 'env.json', json.dumps({**state(), **values}, indent=1, sort_keys=True) + '\n'
    )


def write_atomically(path, text):
    temporary = path.with_name(f'{path.name}.{os.getpid()}.tmp')
    temporary.write_text(text)
    temporary.replace(path)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        for chunk in iter(lambda: file.read(1 << 20), b''):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def lock(name):
    """Limit a block to one process at a time; the kernel frees the lock of a killed process."""
    ENV_DIR.mkdir(parents=True, exist_ok=True)
    with open(ENV_DIR / f'.{name}.lock', 'w', encoding='utf-8') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"waiting for another process of ./dev ({name})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
