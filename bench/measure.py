"""Measures: what is timed, the stopwatch, and the figures that come out."""

import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

STATUS = Path('/proc/self/status')
CLEAR_REFS = Path('/proc/self/clear_refs')


@dataclass(frozen=True)
class Measure:
    """One line of the table.

    `stock` and `addon` are functions of (env, stopwatch) which prepare what they need and do
    the work inside `with stopwatch():`. They run in a database without and with the addon; all
    they do is rolled back. `goal` is the largest good ratio of addon to stock.
    """

    name: str
    stock: Callable | None = None
    addon: Callable | None = None
    goal: float | None = None

    @classmethod
    def same(cls, name, work, goal=None):
        """The same work, without and with the addon."""
        return cls(name, stock=work, addon=work, goal=goal)


@dataclass
class Sample:
    """The figures of one run; `leads` is how many opportunities were worked on."""

    seconds: float = 0
    queries: int = 0
    leads: int | None = None
    peak_mb: float | None = None

    def as_dict(self):
        return asdict(self)


class Stopwatch:
    """Times one block, counts its queries and the memory it needs at its peak."""

    def __init__(self, env):
        self.env = env
        self.sample = Sample()

    @contextmanager
    def __call__(self, leads=None, scale=1.0):
        """`leads` for figures per opportunity; `scale` when the block does a part of the work."""
        cr = self.env.cr
        cr.flush()
        queries, memory = cr.sql_log_count, reset_peak_memory()
        start = time.perf_counter()
        yield
        # what Odoo puts off until the transaction ends (writes, tracking) belongs to the work
        cr.flush()
        seconds = time.perf_counter() - start
        peak = peak_memory()
        self.sample = Sample(
            seconds=seconds * scale,
            queries=cr.sql_log_count - queries,
            leads=leads,
            peak_mb=None if peak is None or memory is None else max(0.0, peak - memory),
        )


def reset_peak_memory():
    """Forget the peak so far; the memory (MB) of this process now, None where unknown."""
    try:
        CLEAR_REFS.write_text('5')
    except OSError:
        return None
    return memory_mb('VmRSS')


def peak_memory():
    return memory_mb('VmHWM')


def memory_mb(label):
    with suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith(label + ':'):
                return int(line.split()[1]) / 1024
    return None
