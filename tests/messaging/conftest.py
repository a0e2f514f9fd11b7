from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.messaging import channel as known
from saleor_1c_plugin.messaging.channel import Channel, Sent, Text
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.tasks import look_after
from saleor_1c_plugin.outbox import topics
from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.remembered import Remembered

#: No rule of ours waits for the morning in these tests, unless it is about that.
USUAL = {"quiet": "no", "place": "https://shop.example", "shop": "Чашки"}
ANNA = Customer("17", "anna@shop.example", "+79990000000", "Анна Ли")


def configure(settings: Any, **plugins: Mapping[str, object] | None) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, **plugins}
    Remembered.forget_all()


class Service(Channel):
    """A service that is told of in memory: what it was asked to send, and how it is to answer."""

    def __init__(self, name: str, group: str = "", stop_word: str = "") -> None:
        self.name, self.group, self.stop_word = name, group, stop_word
        self.title = name.title()
        #: (address, text, key), each time that it took a message.
        self.taken: list[tuple[str, Text, str]] = []
        #: What comes of the next calls, one after another: raised before it takes the message, or
        #: after ("taken", error).
        self.plan: list[Exception | tuple[str, Exception]] = []
        self.answer = Sent(reference="")
        self.calls = 0
        #: Whether it can say what it has taken.
        self.remembers = False

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        return links.get(self.name, "") if not self.group else customer.phone

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        self.calls += 1
        planned = self.plan.pop(0) if self.plan else None
        if isinstance(planned, Exception):
            raise planned
        self.taken.append((to, text, key))
        if planned is not None:
            raise planned[1]
        return self._sent(key)

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        if not self.remembers:
            return super().find(saved, to, key)
        return self._sent(key) if key in [taken[2] for taken in self.taken] else None

    def _sent(self, key: str) -> Sent:
        given = self.answer
        return Sent(f"{self.name}-{key}", given.parts, given.cost, "RUB", given.is_told_later)

    @property
    def said(self) -> list[str]:
        return [text.body for _to, text, _key in self.taken]


@dataclass
class Talk:
    """A shop that writes to its buyers by a bot and by SMS."""

    settings: Any
    bot: Service
    sms: Service
    rules: list[str] = field(default_factory=list)

    def configure(self, *rules: str, **values: object) -> None:
        messages = {**USUAL, "rules": "\n".join(rules), **values}
        configure(self.settings, messages=messages)

    def happen(self, kind: Kind = Kind.ORDER_PLACED, **values: Any) -> Event:
        """Something happens to Anna's order."""
        event = self.event(kind, **values)
        with transaction.atomic():
            journal.record([event])
        settle()
        return event

    def event(self, kind: Kind = Kind.ORDER_PLACED, **values: Any) -> Event:
        fields: dict[str, Any] = {
            "key": str(uuid4()),
            "at": timezone.now(),
            "customer": ANNA,
            "channel": "default-channel",
            "order_id": "order-1",
            "order_number": "1024",
            "data": {"total": "1500.00", "currency": "RUB", "status": "open"},
        }
        return Event(kind=kind, **{**fields, **values})

    def states(self) -> list[tuple[str, str]]:
        """Channel and state of every message, in their order."""
        return list(Delivery.objects.order_by("pk").values_list("channel", "state"))


def settle() -> None:
    """Whatever can leave has left."""
    for _ in range(3):
        deliver_pending()


def later(minutes: float) -> None:
    """So much time has passed for all that waits, or was begun."""
    ago = timedelta(minutes=minutes)
    for name in ("due", "began", "created"):
        Delivery.objects.filter(**{f"{name}__isnull": False}).update(**{name: F(name) - ago})
    Message.objects.filter(due__isnull=False).update(due=F("due") - ago)
    Circuit.objects.all().delete()
    look_after()
    settle()


@pytest.fixture
def talk(transactional_db: None, settings: Any) -> Iterator[Talk]:
    before, receivers = dict(known._channels), dict(topics._receivers)
    bot, sms = Service("bot", stop_word="/stop"), Service("quick", group="sms")
    known.register(bot)
    known.register(sms)
    configure(settings, history={}, bot={}, quick={}, email={})
    made = Talk(settings, bot, sms)
    made.configure("order.placed = bot, sms")
    journal.read_on()
    yield made
    for registry, kept in ((known._channels, before), (topics._receivers, receivers)):
        registry.clear()  # type: ignore[attr-defined]
        registry.update(kept)  # type: ignore[attr-defined]


NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
COST = Decimal("4.50")
