"""What people see of the outbox, and what they may do there."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.translation import override

from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Circuit, Message

from .conftest import Inbox, put

pytestmark = pytest.mark.django_db(transaction=True)


class Person:
    """Somebody with a browser."""

    def __init__(self) -> None:
        self.http = Client(headers={"Accept-Language": "en"})

    def look(self, query: str = "") -> str:
        response = self.http.get(f"/outbox/{query}")
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["X-Frame-Options"] == "DENY"
        page: str = response.content.decode()
        return page

    def press(self, action: str, *messages: object, query: str = "", **more: str) -> int:
        form = re.search(r'name="form" value="([^"]+)"', self.look(query))
        assert form
        return self.post({"form": form[1], "action": action, "message": messages, **more}, query)

    def post(self, data: dict[str, object], query: str = "") -> int:
        response = self.http.post(f"/outbox/{query}", data)
        if response.status_code == 302:
            assert response["Location"] == f"/outbox/{query}"
        return response.status_code


@pytest.fixture
def person() -> Iterator[Person]:
    with override("en"):
        yield Person()


@pytest.fixture
def stuck(inbox: Inbox) -> Inbox:
    inbox.errors = {
        "<order-1>": [Refused("HTTP 422: <no such customer>")],
        "order-2": [Retry("HTTP 503")],
    }
    for name in ("<order-1>", "order-2", "order-3"):
        put(name, "+7 900 000-00-00", key=f"{name}/paid")
    put("<order-1>", 2)
    return inbox


def test_an_empty_outbox_is_a_page(person: Person) -> None:
    for query in ("", "?state=pending", "?state=delivered", "?state=nonsense&page=x"):
        assert "There are none." in person.look(query)


def test_everything_has_its_place_and_its_reason(person: Person, stuck: Inbox) -> None:
    dead = person.look()
    assert "&lt;order-1&gt;" in dead
    assert "HTTP 422: &lt;no such customer&gt;" in dead
    assert "order-2" not in dead
    waiting = person.look("?state=pending")
    assert "order-2/paid" in waiting
    assert "HTTP 503" in waiting
    assert "after the one before it" in waiting
    delivered = person.look("?state=delivered")
    assert "order-3/paid" in delivered
    assert "order-2" not in delivered
    # A buyer's data are nobody's business here.
    assert "+7 900" not in dead + waiting + delivered


def test_a_receiver_that_is_left_alone_is_named(person: Person) -> None:
    from saleor_1c_plugin.clock import from_now

    Circuit.objects.create(topic="shop <b>", failures=12, open_until=from_now(60))
    assert "“shop &lt;b&gt;” has failed 12 times in a row" in person.look()


def test_a_dead_message_is_sent_again_and_those_behind_it_follow(
    person: Person, stuck: Inbox
) -> None:
    stuck.taken.clear()
    assert person.press("send", Message.objects.get(state="dead").pk) == 302
    assert [name for name, _ in stuck.taken] == ["<order-1>", "<order-1>"]
    assert "There are none." in person.look()


def test_a_waiting_message_is_sent_at_once(person: Person, stuck: Inbox) -> None:
    stuck.taken.clear()
    waiting = Message.objects.filter(state="pending").values_list("pk", flat=True)
    assert person.press("send", *waiting, query="?state=pending") == 302
    assert [name for name, _ in stuck.taken] == ["order-2"]


def test_all_that_is_dead_is_sent_again(person: Person, stuck: Inbox) -> None:
    assert person.press("send-all") == 302
    assert set(Message.objects.values_list("object", "state")) == {
        ("<order-1>", "delivered"),
        ("order-2", "pending"),
        ("order-3", "delivered"),
    }


def test_a_dropped_message_is_gone_and_those_behind_it_go(person: Person, stuck: Inbox) -> None:
    stuck.taken.clear()
    assert person.press("drop", Message.objects.get(state="dead").pk) == 302
    assert stuck.taken == [("<order-1>", 2)]
    assert not Message.objects.filter(key="<order-1>/paid").exists()


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "１", "1;DROP"])
def test_nonsense_does_nothing(person: Person, stuck: Inbox, value: str) -> None:
    before = list(Message.objects.order_by("pk").values())
    assert person.press("drop", value) == 302
    assert person.press("explode", Message.objects.get(state="dead").pk) == 302
    assert list(Message.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("form", [None, "", "forged:1:2"])
def test_another_site_can_press_nothing(person: Person, stuck: Inbox, form: str | None) -> None:
    data: dict[str, object] = {"action": "drop", "message": Message.objects.get(state="dead").pk}
    if form is not None:
        data["form"] = form
    assert person.post(data) == 403
    assert Message.objects.filter(state="dead").exists()


def test_a_page_of_somebody_else_is_no_good(stuck: Inbox) -> None:
    from django.test import RequestFactory

    from saleor_1c_plugin.outbox.pages import outbox

    page = outbox(RequestFactory().get("/"), user="7").content.decode()
    form = re.search(r'name="form" value="([^"]+)"', page)
    assert form
    dead = Message.objects.get(state="dead").pk
    data = {"form": form[1], "action": "drop", "message": dead}
    assert outbox(RequestFactory().post("/", data), user="8").status_code == 403
    assert outbox(RequestFactory().post("/", data), user="7").status_code == 302
    assert not Message.objects.filter(pk=dead).exists()


def test_many_messages_have_many_pages(person: Person) -> None:
    Message.objects.bulk_create(
        Message(topic="t", object="o", key=f"k{n:03}", payload=n, state="dead", due=None)
        for n in range(120)
    )
    assert "k049" in person.look()
    assert "k050" in person.look("?page=2")
    assert "1 / 3" in person.look()
