"""A person is forgotten: what was said stays said, and is nobody's."""

from saleor_1c_plugin.history.event import Customer
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.channel import Incoming
from saleor_1c_plugin.messaging.erasing import erase
from saleor_1c_plugin.messaging.incoming import receive
from saleor_1c_plugin.messaging.models import Delivery, Heard, Link, Preference
from saleor_1c_plugin.outbox.errors import Retry

from .conftest import ANNA, Talk, later

BORIS = Customer("18", "boris@shop.example", "+79991112233", "Борис")


def test_nothing_of_hers_is_left(talk: Talk) -> None:
    people.link("bot", "chat-1", customer_id=ANNA.id)
    people.link("bot", "chat-2", customer_id=BORIS.id)
    talk.happen()
    talk.bot.plan = [Retry("Down", after=60)]
    talk.happen(order_id="order-2")
    talk.happen(customer=BORIS, order_id="order-3")
    for number in ("1", "2"):
        receive(Incoming("bot", f"chat-{number}", number, f"Я чат {number}"))
    assert erase(email=ANNA.email.upper()) == 2
    later(2)
    assert talk.states() == [("bot", "sent"), ("bot", "dropped"), ("bot", "sent")]
    hers = Delivery.objects.filter(order_id__in=["order-1", "order-2"])
    for row in hers.values():
        for secret in (ANNA.email, ANNA.phone, ANNA.name, "chat-1", "принят"):
            assert secret not in str(row)
        assert row["preference_id"] is None
    assert list(Heard.objects.order_by("pk").values_list("address", "text")) == [
        ("", ""),
        ("chat-2", "Я чат 2"),
    ]
    assert [row.address for row in Preference.objects.all()] == ["bot:chat-2"]
    assert Delivery.objects.get(order_id="order-3").email == BORIS.email
    erase(customer_id=ANNA.id)
    assert [row.address for row in Link.objects.all()] == ["chat-2"]
    assert erase() == 0
