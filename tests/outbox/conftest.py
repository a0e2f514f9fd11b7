from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from saleor_1c_plugin.outbox import messages, topics
from saleor_1c_plugin.outbox.models import Message

from .receiver import Receiver

TOPIC = "crm"


class Inbox:
    """A receiver in the process: takes everything, unless told what to raise."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []
        #: Object → what its messages meet, one attempt after another.
        self.errors: dict[str, list[Exception]] = {}

    def __call__(self, message: Message) -> None:
        errors = self.errors.get(message.object)
        if errors:
            raise errors.pop(0)
        self.taken.append((message.object, message.payload))


@pytest.fixture(autouse=True)
def _no_receivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_receivers", {})


@pytest.fixture
def inbox(transactional_db: None) -> Inbox:
    receiver = Inbox()
    topics.register(TOPIC, receiver)
    return receiver


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Nobody delivers unless the test does; grows with every call for a worker."""
    kicks: list[int] = []
    from saleor_1c_plugin.outbox.tasks import deliver_pending

    monkeypatch.setattr(deliver_pending, "apply_async", lambda **_: kicks.append(1))
    return kicks


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver(keep_requests=True)
    yield server
    server.stop()


Put = Callable[..., None]


def put(object: str, payload: Any = None, *, key: str = "", **more: Any) -> None:
    """Append in a transaction of its own."""
    with transaction.atomic():
        messages.append(TOPIC, object, payload, key=key or f"{object}/{payload}", **more)


def make_due() -> None:
    """Let all that waits for its time be due."""
    from django.db.models.functions import Now

    Message.objects.filter(state="pending", token="", due__isnull=False).update(due=Now())
