"""The threads that deliver: each topic has a few of its own, so that it delays only itself."""

import time
from collections.abc import Iterable
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple

from django.db import close_old_connections, connections

from .errors import Retry
from .models import Message
from .topics import Deliver

#: Of a topic, in one worker.
THREADS = 8
#: Claimed at a time at most, where the receiver is fast.
MOST_IN_HAND = 256


class Result(NamedTuple):
    """What became of a delivery; no error means that the receiver has the message."""

    message: Message
    error: Exception | None


class Lane:
    """Deliveries of one topic.

    Parameters
    ----------
    results
        Takes the outcome of each; all lanes share it.
    """

    def __init__(self, topic: str, deliver: Deliver, results: "SimpleQueue[Result]") -> None:
        self.topic = topic
        #: By id, those that are claimed and have no result yet.
        self.in_hand: dict[int, Message] = {}
        #: Monotonic seconds: nothing more is begun after it.
        self.leased_until = 0.0
        #: Monotonic seconds: until then nothing is due.
        self.rests_until = 0.0
        self._deliver = deliver
        self._results = results
        self._inbox: SimpleQueue[Message | None] = SimpleQueue()
        self._threads: list[Thread] = []
        #: Messages that a second takes.
        self._pace = float(THREADS)
        self._fed = time.monotonic()
        self._done = 0

    def room(self) -> int:
        """How many more messages should be claimed: what a second takes, once half is done.

        Those that would only lie here are better left to whoever is free.
        """
        if len(self.in_hand) * 2 > self._pace:
            return 0
        if self._done:
            took = max(time.monotonic() - self._fed, 0.001)
            self._pace = min(max(THREADS, self._done / took), MOST_IN_HAND)
        return int(self._pace) - len(self.in_hand)

    def feed(self, messages: Iterable[Message], leased_until: float) -> None:
        """Deliver these, which are leased until a monotonic time."""
        if not self.in_hand:
            self.leased_until = leased_until
        self._fed, self._done = time.monotonic(), 0
        for message in messages:
            self.in_hand[message.pk] = message
            self._inbox.put(message)
        while len(self._threads) < min(THREADS, len(self.in_hand)):
            # One that hangs must not keep the process from ending.
            thread = Thread(target=self._work, name=f"outbox-{self.topic}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def done(self, result: Result) -> None:
        """Note that a result is known."""
        del self.in_hand[result.message.pk]
        # Failures are quick, but no reason to hurry.
        self._done += result.error is None
        # The next message of the object may be due now.
        self.rests_until = 0.0

    def close(self) -> None:
        """Begin nothing more, and end the threads, unless one hangs."""
        self.leased_until = 0.0
        for _ in self._threads:
            self._inbox.put(None)
        if not self.in_hand:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        try:
            while (message := self._inbox.get()) is not None:
                self._results.put(Result(message, self._outcome(message)))
        finally:
            connections.close_all()

    def _outcome(self, message: Message) -> Exception | None:
        if time.monotonic() > self.leased_until:
            return Retry("The worker was held up", after=0)
        try:
            self._deliver(message)
        except Exception as error:
            return error
        finally:
            # As between two requests: a connection that broke is not kept.
            close_old_connections()
        return None
