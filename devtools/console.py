"""Print progress and errors, and run commands."""

import contextlib
import os
import shlex
import subprocess
import sys
import time

START = time.monotonic()


def say(message):
    print(f"[{time.monotonic() - START:6.1f}s] {message}", file=sys.stderr, flush=True)


class Fail(Exception):
    """A failed step, with its cause and a hint for the developer."""

    def __init__(self, step, why, hint=''):
        super().__init__(why)
        self.step, self.why, self.hint = step, why, hint

    def __str__(self):
        text = f"\nstep '{self.step}' failed: {self.why}"
        if self.hint:
            text += f"\n  what to do: {self.hint}"
        return text + "\n  (what is finished is kept: run the same command again to go on)"


def run(step, command, hint='', **options):
    """Run `command` and return its output; a failure names `step` and shows the last lines."""
    command = [os.fspath(part) for part in command]
    options.setdefault('text', True)
    options.setdefault('stdin', subprocess.DEVNULL if 'input' not in options else None)
    if 'input' in options:
        del options['stdin']
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options
        )
    except FileNotFoundError:
        raise Fail(step, f"{command[0]} is not on this machine", hint) from None
    if done.returncode:
        tail = '\n    '.join(done.stdout.strip().splitlines()[-15:])
        why = f"{shlex.join(command)}\n    exit {done.returncode}\n    {tail}"
        raise Fail(step, why, hint)
    return done.stdout


@contextlib.contextmanager
def phase(title):
    """Print the title of a part of the work, and its duration afterwards."""
    say(title)
    begin = time.monotonic()
    yield
    say(f"{title}: {time.monotonic() - begin:.1f} s")
