"""Pages for staff: what was said, what it has cost, and the texts."""

import re

from django.core import mail
from django.test import Client

from saleor_1c_plugin.history.event import Customer
from saleor_1c_plugin.messaging.channel import Incoming, Sent
from saleor_1c_plugin.messaging.incoming import receive
from saleor_1c_plugin.messaging.models import Template

from .conftest import ANNA, COST, Talk

EDIT = "/messages/texts/order.placed/ru/"


def form(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]


def shown(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_messages_and_what_they_have_cost(talk: Talk) -> None:
    talk.configure("order.placed = sms")
    talk.sms.answer = Sent(parts=2, cost=COST)
    talk.happen()
    talk.happen(order_number="1025", customer=Customer(phone="+79991112233"))
    talk.happen(order_number="1026", customer=Customer(email="nobody@shop.example"))
    page = shown("/messages/")
    for text in ("1024", ANNA.phone, "Заказ № 1024", "no address"):
        assert text in page
    row = re.search(r"<td>Quick</td>(.*)</tr>", page)
    assert row
    assert re.findall(r">([\d,.]+)", row[1]) == ["2", "4", "9.00"]
    for query, number in (
        ("q=1025", "1025"),
        ("q=8+999+111-22-33", "1025"),
        ("state=sent", "1024"),
    ):
        assert f"<td>{number}</td>" in shown(f"/messages/?{query}")
    assert "<td>1024</td>" not in shown("/messages/?q=1025")
    assert "<td>1024</td>" in shown("/messages/?q=ANNA@shop.example")
    assert "<td>1024</td>" not in shown("/messages/?channel=bot")
    assert "<td>1024</td>" not in shown("/messages/?from=2020-01-01&to=2020-01-02")
    for nonsense in ("q=%00", "state=%00", "page=x", "from=x", "channel='"):
        shown(f"/messages/?{nonsense}")


def test_what_people_write(talk: Talk) -> None:
    receive(Incoming("bot", "chat-1", "1", "Где <b>заказ</b>?"))
    receive(Incoming("bot", "chat-1", "2", "/stop"))
    page = shown("/messages/received/")
    assert "Где &lt;b&gt;заказ" in page
    assert "/stop" in page
    assert "chat-1" in page
    assert "/stop" not in shown("/messages/received/?only=manager")
    assert "заказ" not in shown("/messages/received/?from=2020-01-01&to=2020-01-02")


def test_a_text_is_changed_and_changed_back(talk: Talk) -> None:
    client = Client()
    page = client.get(EDIT).content.decode()
    assert "Заказ № 1024 на сумму" in page
    data = {"form": form(page), "subject": "Ура", "body": "{name}: {order}", "action": "save"}
    assert client.post(EDIT, data).status_code == 302
    row = Template.objects.get()
    assert (row.about, row.language, row.channel) == ("order.placed", "ru", "")
    assert (row.subject, row.body) == ("Ура", "{name}: {order}")
    assert "Анна Ли: 1024" in client.get(EDIT).content.decode()
    assert "{name}: {order}" in shown("/messages/texts/")
    talk.configure("order.placed = email")
    talk.happen()
    assert mail.outbox[0].body.startswith("Анна Ли: 1024\n")
    client.post(f"{EDIT}?channel=email", {**data, "body": "Письмо"})
    assert Template.objects.count() == 2
    assert client.post(EDIT, {**data, "action": "reset"}).status_code == 302
    assert Template.objects.get().channel == "email"


def test_a_preview_saves_nothing(talk: Talk) -> None:
    client = Client()
    data = {"form": form(shown(EDIT)), "subject": "", "body": "Итого {total}", "action": "preview"}
    page = client.post(EDIT, data).content.decode()
    assert "Итого 12\xa0500 ₽" in page
    assert "https://shop.example/messages/p/" in page
    assert "order.placed · ru" in page
    assert not Template.objects.exists()


def test_unknown_names_are_refused(talk: Talk) -> None:
    client = Client()
    key = form(shown(EDIT))
    for body in ("{tracking}", "{order.key}", "{", "{settings!r}"):
        page = client.post(EDIT, {"form": key, "subject": "", "body": body, "action": "save"})
        assert page.status_code == 200
        assert 'id="problem"' in page.content.decode()
    assert client.post(EDIT, {"form": key, "body": "", "action": "save"}).status_code == 200
    assert not Template.objects.exists()


def test_what_a_person_typed_is_no_page(talk: Talk) -> None:
    data = {"form": form(shown(EDIT)), "subject": "", "body": "<script>", "action": "save"}
    Client().post(EDIT, data)
    for address in (EDIT, "/messages/texts/"):
        assert "<script>" not in shown(address)


def test_forms_are_their_readers_own(talk: Talk) -> None:
    assert Client().post(EDIT, {"body": "x", "action": "save"}).status_code == 403
    assert not Template.objects.exists()


def test_there_are_no_other_pages(talk: Talk) -> None:
    for path in ("x/", "texts/order.lost/ru/", "texts/order.placed/tlh/", "texts/a/b/c/"):
        assert Client().get(f"/messages/{path}").status_code == 404
    assert Client().get(f"{EDIT}?channel=pigeon").status_code == 404
