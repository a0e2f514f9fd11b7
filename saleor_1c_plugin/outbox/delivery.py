"""The loop of a deliverer: claim what is due, have it delivered, note what became of it."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from queue import Empty, SimpleQueue

from . import circuits, claims, deliverers
from .backoff import delay
from .errors import Refused, Retry
from .lanes import Lane, Result
from .messages import kick
from .models import Message
from .settings import OutboxSettings
from .topics import receivers

logger = logging.getLogger(__name__)

#: After so long the worker is given to others in the queue.
BUDGET_SECONDS = 25
#: So long is then waited for deliveries that hang; their leases end by themselves.
GRACE_SECONDS = 60
#: How long results are gathered to be noted together.
_GATHER_SECONDS = 0.02
#: How long a topic that had nothing is not looked at again.
_LOOK_SECONDS = 0.25
_RENEW_SECONDS = claims.LEASE_SECONDS / 3


def deliver_all() -> bool:
    """Deliver until nothing is due or the time is over; whether a worker should go on.

    Several workers share the work; one too many returns at once.
    """
    settings = OutboxSettings.load()
    if settings is None or not receivers():
        return False
    token = deliverers.take()
    if token is None:
        return False
    run = _Run(token, settings.max_attempts)
    try:
        run.work()
    finally:
        run.close()
        deliverers.leave(token)
    # Who came while all places were taken went away: look once more now that one is free.
    return claims.is_any_due(list(circuits.closed(list(receivers()))))


class _Run:
    """What one deliverer has in hand."""

    def __init__(self, token: str, max_attempts: int) -> None:
        self._token = token
        self._max_attempts = max_attempts
        self._results: SimpleQueue[Result] = SimpleQueue()
        self._lanes = {
            topic: Lane(topic, deliver, self._results) for topic, deliver in receivers().items()
        }
        #: Topic → its failures in a row, as of the last look.
        self._failures: dict[str, int] = {}
        self._ends = time.monotonic() + BUDGET_SECONDS
        self._renewed = time.monotonic()
        #: Another worker, to help.
        self._has_called = False

    def work(self) -> None:
        while True:
            now = time.monotonic()
            more = now < self._ends and self._claim()
            if any(lane.in_hand for lane in self._lanes.values()):
                self._note(self._gather())
                self._renew()
            elif not more:
                return
            if now > self._ends + GRACE_SECONDS:
                logger.warning("Deliveries hang: they are begun again when their leases are over")
                return

    def close(self) -> None:
        for lane in self._lanes.values():
            lane.close()

    def _claim(self) -> bool:
        """Fill the lanes; whether there was anything."""
        found = False
        self._failures = circuits.closed(list(self._lanes))
        limits = self._limits()
        # Most topics have nothing most of the time: that is found out for all of them at once.
        for topic in claims.due(limits) if limits else ():
            lane, limit, now = self._lanes[topic], limits[topic], time.monotonic()
            messages, more = claims.claim(topic, self._token, limit)
            lane.feed(self._without_fatal(messages), now + claims.LEASE_SECONDS)
            found |= bool(messages) or more
            if more and limit > 1 and not self._has_called:
                # There is more than one worker takes at a time.
                self._has_called = True
                kick()
            if more:
                lane.rests_until = 0.0
        return found

    def _limits(self) -> dict[str, int]:
        """How many messages of each topic may be taken now; it rests, unless there are more."""
        limits = {}
        now = time.monotonic()
        for topic, failures in self._failures.items():
            lane = self._lanes[topic]
            # One message asks whether the receiver is back.
            limit = lane.room() if failures < circuits.THRESHOLD else 1 - len(lane.in_hand)
            if limit >= 1 and now >= lane.rests_until:
                limits[topic] = limit
                lane.rests_until = now + _LOOK_SECONDS
        return limits

    def _without_fatal(self, messages: Sequence[Message]) -> list[Message]:
        """Bury those that were begun too often without an end: their workers died."""
        fatal = [message for message in messages if message.attempts > self._max_attempts]
        for message in fatal:
            claims.bury(message, self._token, "Every worker that began to deliver it has died")
        return [message for message in messages if message not in fatal]

    def _gather(self) -> list[Result]:
        """Results of a moment, to be noted by few statements; none when all take long."""
        gathered: list[Result] = []
        until = time.monotonic() + _LOOK_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                result = self._results.get(timeout=left)
            except Empty:
                break
            if not gathered:
                until = time.monotonic() + _GATHER_SECONDS
            gathered.append(result)
            lane = self._lanes[result.message.topic]
            lane.done(result)
            if not lane.in_hand:
                break
        return gathered

    def _note(self, results: Sequence[Result]) -> None:
        claims.finish([item.message for item in results if item.error is None], self._token)
        answered: set[str] = set()
        failures: Counter[str] = Counter()
        for message, error in results:
            if error is None:
                answered.add(message.topic)
            elif isinstance(error, Refused):
                answered.add(message.topic)
                claims.bury(message, self._token, error.reason)
            else:
                failures[message.topic] += 1
                self._put_off(message, error)
        for topic in answered:
            if self._failures.get(topic):
                circuits.succeeded(topic)
        for topic, times in failures.items():
            if topic not in answered:
                circuits.failed(topic, times)

    def _put_off(self, message: Message, error: Exception) -> None:
        after: float | None = None
        if isinstance(error, Retry):
            reason, after = error.reason, error.after
        else:
            # Nobody foresaw it: its text may hold a secret, or somebody's address.
            reason = type(error).__name__
            logger.error("Message %s of %s failed", message.pk, message.topic, exc_info=error)
        if message.attempts >= self._max_attempts:
            claims.bury(message, self._token, reason)
            return
        seconds = delay(message.attempts) if after is None else after
        claims.postpone(message, self._token, seconds, reason)

    def _renew(self) -> None:
        now = time.monotonic()
        if now < self._renewed + _RENEW_SECONDS:
            return
        self._renewed = now
        claims.renew([pk for lane in self._lanes.values() for pk in lane.in_hand], self._token)
        for lane in self._lanes.values():
            lane.leased_until = now + claims.LEASE_SECONDS
        if not deliverers.stay(self._token):
            self._ends = min(self._ends, now)
