"""List the files of the repository."""

from .console import run
from .settings import REPO


def files(*endings):
    """Return the files of the repository with these endings, including uncommitted ones."""
    command = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    listed = run('git ls-files', command, "is this a git checkout?", cwd=REPO).split('\0')
    found = (name for name in listed if name.endswith(endings or ('',)))
    return sorted({name for name in found if (REPO / name).is_file()})


def report(look, names):
    """Print the findings of `look`, a function of name and text of a file, and return the exit code."""
    found = [text for name in names for text in look(name, (REPO / name).read_text())]
    print('\n'.join(found))
    return 1 if found else 0
