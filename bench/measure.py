"""Define measures, the stopwatch, and the figures of a run."""

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

    `stock` and `addon` are functions of (env, stopwatch), which prepare data and do the work inside
    `with stopwatch():`. They run in the databases without and with the addon, and are rolled back.
    `goal` is the largest acceptable ratio of addon to stock.
    """

    name: str
    stock: Callable | None = None
    addon: Callable | None = None
    goal: float | None = None

    @classmethod
    def same(cls, name, work, goal=None):
        """Return the measure of the same work without and with the addon."""
        return cls(name, stock=work, addon=work, goal=goal)


@dataclass
class Sample:
    """The figures of one run; `leads` is the number of processed opportunities."""

    seconds: float = 0
    queries: int = 0
    leads: int | None = None
    peak_mb: float | None = None

    def as_dict(self):
        return asdict(self)


class Stopwatch:
    """Measures the duration, the queries and the peak memory of a block."""

    def __init__(self, env):
        self.env = env
        self.sample = Sample()

    @contextmanager
    def __call__(self, leads=None, scale=1.0):
        """Measure a block: `leads` gives figures per opportunity, `scale` extrapolates a part."""
        cr = self.env.cr
        cr.flush()
        queries, memory = cr.sql_log_count, reset_peak_memory()
        start = time.perf_counter()
        yield
        # The work includes writes and tracking, which Odoo defers to the end of the transaction.
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
    """Reset the peak, and return the current memory of this process (MB), or None if unknown."""
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
