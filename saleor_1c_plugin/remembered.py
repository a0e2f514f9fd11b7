"""What is asked with every write of a cart or an order, and seldom changes: settings."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

#: A change in the settings is noticed after so long at most.
SECONDS = 10.0


class Remembered[Value]:
    """A value that this process asks for now and then, and remembers meanwhile.

    Parameters
    ----------
    ask
        Finds the value out; what it raises is raised, and nothing is remembered.
    """

    _all: ClassVar["list[Remembered[Any]]"] = []

    def __init__(self, ask: Callable[[], Value]) -> None:
        self._ask = ask
        self._known: tuple[float, Value] | None = None
        Remembered._all.append(self)

    def __call__(self) -> Value:
        now = time.monotonic()
        if self._known is None or now >= self._known[0]:
            self._known = now + SECONDS, self._ask()
        return self._known[1]

    @classmethod
    def forget_all(cls) -> None:
        """Ask anew, all of them: the settings have just been changed."""
        for one in cls._all:
            one._known = None
