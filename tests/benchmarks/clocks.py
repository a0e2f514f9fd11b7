"""Time of one piece of work: by the wall's clock, and of the processors it has used.

The second is the steadier one on a machine that others use too. It has the time of this process
and that of the database's, which works for it alone; where the system does not tell of that, the
first alone.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from django.db import connection


class Took(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float

    def __add__(self, other: object) -> "Took":
        assert isinstance(other, Took)
        return Took(self.wall + other.wall, self.cpu + other.cpu)


class Clock:
    """Of this process and its connection to the database."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        self._backend = Path(f"/proc/{backend}/schedstat")

    def took(self, work: Callable[[], object]) -> Took:
        cpu, wall = self._cpu(), time.perf_counter()
        work()
        return Took(time.perf_counter() - wall, self._cpu() - cpu)

    def _cpu(self) -> float:
        try:
            backend = int(self._backend.read_text().split()[0]) / 1e9
        except OSError:
            backend = 0.0
        return time.process_time() + backend


class Ratio(NamedTuple):
    """How much longer one thing takes than another, of many turns that alternated."""

    median: float
    #: Half of the turns' own ratios are between these.
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3f} (turns {self.low:.3f} to {self.high:.3f})"


def ratio(with_it: Sequence[float], without: Sequence[float]) -> Ratio:
    of_turns = [one / other for one, other in zip(with_it, without, strict=True)]
    low, _, high = quantiles(of_turns, n=4)
    return Ratio(median(with_it) / median(without), low, high)
