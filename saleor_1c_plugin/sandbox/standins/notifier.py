"""Tells a shop what happened, again and again until it answers that it has understood."""

import heapq
import itertools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import requests

from .faults import Faults

#: A shop that takes longer is told again.
_CONNECT_SECONDS, _READ_SECONDS = 2.0, 10.0


@dataclass(frozen=True)
class Delivery:
    """A notification that was sent.

    Attributes
    ----------
    status
        Of the answer; 0: there was none, or another than is wanted.
    """

    event: str
    object_id: str
    status: int


@dataclass
class Notifier:
    """Sends from threads of its own; nothing is sent before it knows an address.

    Parameters
    ----------
    senders
        Threads: with more than one, order is nobody's promise.
    retry_seconds, most_retry_seconds
        After the first answer that is not 200, and at most; it doubles each time.
    """

    faults: Faults
    senders: int = 1
    retry_seconds: float = 0.05
    most_retry_seconds: float = 1.0
    #: Where to; empty: the shop has not asked to be told, and what happens meanwhile is not told.
    url: str = ""
    #: Sent along, as a proxy in front of the shop would do.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: What the shop has to answer beside 200; ``None``: that is enough.
    expected: bytes | None = None
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._due: list[tuple[float, int, _Message, int]] = []
        self._number = itertools.count()
        self._under_way = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._send, daemon=True) for _ in range(self.senders)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def tell(
        self, event: str, object_id: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        if not self.url:
            return
        message = _Message(event, object_id, body, dict(headers or {}))
        with self._changed:
            for delay in self.faults.delays():
                self._put(delay, message, 0)

    def wait(self, seconds: float = 60) -> None:
        """Until everything that was to be told was answered by 200."""
        with self._changed:
            done = self._changed.wait_for(
                lambda: not self._due and not self._under_way, timeout=seconds
            )
            if not done:
                raise TimeoutError((len(self._due), self._under_way, self.deliveries[-5:]))

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, delay: float, message: "_Message", tries: int) -> None:
        due = time.monotonic() + delay
        heapq.heappush(self._due, (due, next(self._number), message, tries))
        self._changed.notify()

    def _send(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while True:
                with self._changed:
                    while not self._stopped and not self._is_due():
                        self._changed.wait(self._seconds_left())
                    if self._stopped:
                        return
                    _, _, message, tries = heapq.heappop(self._due)
                    self._under_way += 1
                status, is_taken = self._post(session, message)
                with self._changed:
                    self.deliveries.append(Delivery(message.event, message.object_id, status))
                    self._under_way -= 1
                    if not is_taken:
                        delay = min(self.retry_seconds * 2**tries, self.most_retry_seconds)
                        self._put(delay, message, tries + 1)
                    self._changed.notify_all()

    def _is_due(self) -> bool:
        return bool(self._due) and self._due[0][0] <= time.monotonic()

    def _seconds_left(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _post(self, session: requests.Session, message: "_Message") -> tuple[int, bool]:
        """Status of the answer, and whether the shop has understood."""
        headers = {"Content-Type": "application/json", **self.headers, **message.headers}
        try:
            with session.post(
                self.url,
                data=message.body,
                headers=headers,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
            ) as response:
                is_taken = response.status_code == 200 and (
                    self.expected is None or response.content == self.expected
                )
                return response.status_code, is_taken
        except requests.RequestException:
            return 0, False


@dataclass(frozen=True)
class _Message:
    """What is sent, each time the same."""

    event: str
    object_id: str
    body: bytes
    headers: Mapping[str, str]
