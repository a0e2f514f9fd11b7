"""What goes wrong between a shop and a provider; by chance, and by the same chance again."""

import random
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What a call of the API meets."""

    #: An answer of 5xx; nothing was done.
    DOWN = "down"
    #: The connection is closed; nothing was done.
    UNHEARD = "unheard"
    #: Everything was done, and the answer is 5xx.
    LOST = "lost"
    #: Everything was done, and the connection is closed without an answer.
    DROPPED = "dropped"
    #: Everything was done, and half of the answer comes.
    CUT = "cut"

    @property
    def is_before(self) -> bool:
        """Whether it comes before anything is done."""
        return self in (Fault.DOWN, Fault.UNHEARD)


@dataclass
class Faults:
    """Shares are of 1. With one client at a time, a seed is the same story again.

    Parameters
    ----------
    share
        Of calls that meet one of `kinds`.
    slow, slow_seconds
        Share of calls that take up to so long before anything is done.
    missing
        Share of notifications that never come.
    repeated
        Share of notifications that come two or three times.
    reordered, reorder_seconds
        Share of notifications that come up to so much later, after ones that they should precede.
    """

    share: float = 0.0
    seed: int = 0
    kinds: Sequence[Fault] = tuple(Fault)
    slow: float = 0.0
    slow_seconds: float = 0.0
    missing: float = 0.0
    repeated: float = 0.0
    reordered: float = 0.0
    reorder_seconds: float = 0.3
    #: What the next calls meet, one after another, before chance has its say; ``None``: nothing.
    script: deque[Fault | None] = field(default_factory=deque)
    #: How often each was met.
    met: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._calls = random.Random(self.seed)  # noqa: S311
        self._notifications = random.Random(self.seed)  # noqa: S311
        self._lock = threading.Lock()

    def next(self) -> Fault | None:
        """What a call meets."""
        with self._lock:
            if self.script:
                fault = self.script.popleft()
            elif self.share and self._calls.random() < self.share:
                fault = self._calls.choice(self.kinds)
            else:
                fault = None
            if fault:
                self.met[fault] += 1
            return fault

    def delay(self) -> float:
        """How long a call takes before anything is done, in seconds."""
        with self._lock:
            if not self.slow or self._calls.random() >= self.slow:
                return 0.0
            self.met["slow"] += 1
            return self._calls.uniform(0, self.slow_seconds)

    def status(self) -> int:
        """Of an answer that says that something is broken."""
        with self._lock:
            return self._calls.choice([500, 502, 503, 504])

    def delays(self) -> list[float]:
        """After how many seconds a notification is sent: one number for each time."""
        with self._lock:
            if self.missing and self._notifications.random() < self.missing:
                self.met["missing"] += 1
                return []
            times = 1
            if self.repeated and self._notifications.random() < self.repeated:
                self.met["repeated"] += 1
                times = self._notifications.choice([2, 3])
            late = bool(self.reordered) and self._notifications.random() < self.reordered
            if late:
                self.met["reordered"] += 1
            most = self.reorder_seconds if late else 0.0
            return [self._notifications.uniform(0, most) for _ in range(times)]
