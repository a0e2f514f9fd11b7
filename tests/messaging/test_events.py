"""Every kind of event that buyers hear of, by every channel, in both languages."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from saleor_1c_plugin.history.event import Kind
from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.models import Template
from saleor_1c_plugin.messaging.pages.texts import sample
from saleor_1c_plugin.messaging.texts import LANGUAGES, TEXTS
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox.models import Customer
from tests.exchange.test_reservations import cart
from tests.receipts import sales

from .conftest import ANNA, Talk, configure, settle


@pytest.mark.parametrize("about", TEXTS)
def test_every_kind_by_every_channel(talk: Talk, about: str) -> None:
    people.link("bot", "chat-1", customer_id=ANNA.id)
    rules = [f"{about} = {channel}" for channel in ("bot", "sms", "email")]
    for language in LANGUAGES:
        talk.configure(*rules, consent="no", language=language)
        event = sample(about)
        talk.happen(event.kind, data=event.data)
    for said in (talk.bot.said, talk.sms.said, [letter.body for letter in mail.outbox]):
        assert len(said) == 2
        for body, letters in zip(said, ("[а-яА-Я]", "[a-zA-Z]"), strict=True):
            assert re.search(letters, body)
            assert "{" not in body
            assert "/stop" in body or "https://shop.example/messages/p/" in body
        if about.startswith(("order", "payment", "shipment", "receipt")):
            assert all("1024" in body for body in said)


def test_the_way_of_an_order_is_told(talk: Talk) -> None:
    """Through the shop: nothing is written into the journal by hand."""
    configure(talk.settings, receipts=None)
    talk.configure("order.placed = email", "order.paid = email", "order.status:shipped = email")
    order = sales.order(2)
    sales.pay(order, "200.00")
    sales.ship(order)
    settle()
    assert [letter.subject for letter in mail.outbox] == [
        f"Заказ № {order.pk} принят",
        f"Заказ № {order.pk} оплачен",
        f"Заказ № {order.pk} отправлен",
    ]
    assert "200 ₽" in mail.outbox[0].body
    assert [letter.to for letter in mail.outbox] == [["anna@shop.example"]] * 3


def test_the_merchant_s_own_text(talk: Talk) -> None:
    talk.configure("order.status = sms, email", "order.status = email")
    Template.objects.create(about="order.status", language="ru", body="№{order} {status}")
    Template.objects.create(
        about="order.status",
        language="ru",
        channel="email",
        subject="{shop}",
        body="Письмо {order}",
    )
    shipped = {"status": "partly_shipped", "currency": "RUB", "total": "1"}
    talk.happen(Kind.ORDER_STATUS, data=shipped)
    assert talk.sms.said[0].startswith("№1024 частично отгружен\n")
    assert mail.outbox[0].body.startswith("Письмо 1024\n")
    assert mail.outbox[0].subject == "Чашки"
    # A status with a text of ours of its own keeps it.
    talk.happen(Kind.ORDER_STATUS, data={**shipped, "status": "cancelled"})
    assert talk.sms.said[1].startswith("Заказ № 1024 отменён.")


def test_her_own_language(talk: Talk) -> None:
    row = people.preference("email", ANNA.email)
    row.language = "en"
    row.save()
    talk.configure("reservation.ending = sms")
    until = timezone.now() + timedelta(hours=2)
    talk.happen(
        Kind.RESERVATION_ENDING,
        data={"reservation": "1", "quantity": 2, "until": until.isoformat()},
    )
    local = timezone.localtime(until)
    assert f"Your reservation ends {local.day} {local:%B, %H:%M}" in talk.sms.said[0]


def test_who_fills_a_cart_is_known_by_the_cart(talk: Talk) -> None:
    configure(talk.settings, reservations={"mode": "on_request", "guest_minutes": "15"})
    talk.configure("reservation.made = email")
    anna = Customer.objects.create(email="anna@shop.example", first_name="Анна")
    holds.create(cart(2, customer=anna))
    settle()
    assert [letter.to for letter in mail.outbox] == [["anna@shop.example"]]
    assert "2 шт." in mail.outbox[0].body
