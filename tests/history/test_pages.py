"""What staff see of the journal, and a person who is forgotten."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.translation import override

from saleor_1c_plugin.crm import people
from saleor_1c_plugin.crm.models import Link
from saleor_1c_plugin.history import erasing, journal, pages
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.history.models import Record
from saleor_1c_plugin.messaging.models import Delivery

ANNA = Customer("7", "anna@shop.example", "+79161234567", "Анна <Ли>")
BORIS = Customer("8", "boris@shop.example", "+79161234567", "Борис")


@pytest.fixture(autouse=True)
def _in_english(kept: Any) -> Iterator[None]:
    with override("en"):
        yield


def write(key: str, who: Customer, kind: Kind = Kind.ORDER_PLACED, number: str = "") -> None:
    data = {"total": "150.00", "currency": "RUB", "status": "open"}
    with transaction.atomic():
        journal.record([Event(key, kind, timezone.now(), who, "main", key, number, data)])


def look(**query: str) -> str:
    response = Client(headers={"Accept-Language": "en"}).get("/events/", query)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    return str(response.content.decode())


def press(query: str, **data: str) -> int:
    client = Client(headers={"Accept-Language": "en"})
    page = client.get(f"/events/?{query}").content.decode()
    form = re.search(r'name="form" value="([^"]+)"', page)
    given = {"form": form[1]} if form else {}
    return client.post(f"/events/?{query}", {**given, **data}).status_code


def forget(query: str) -> int:
    return press(query, action="forget", sure="1")


def test_the_newest_comes_first_with_what_it_says(kept: Any) -> None:
    assert "There are none." in look()
    write("o1", ANNA, number="1001")
    write("o2", BORIS, Kind.ORDER_STATUS, number="1002")
    page = look()
    assert page.index(">1002<") < page.index(">1001<")
    assert "open · 150.00 RUB" in page
    assert "Анна &lt;Ли&gt;" in page


def test_events_are_found_by_order_person_and_kind(kept: Any) -> None:
    write("o1", ANNA, number="1001")
    write("o2", BORIS, number="1002")
    write("o3", ANNA, Kind.ORDER_PAID, number="1003")
    found = {
        "1002": {"1002"},
        "ANNA@shop.example": {"1001", "1003"},
        "id:8": {"1002"},
        "+79161234567": {"1001", "1002", "1003"},
        "nobody@shop.example": set(),
        "\0": {"1001", "1002", "1003"},
    }
    for text, numbers in found.items():
        assert set(re.findall(r">(100\d)</a>", look(q=text))) == numbers, text
    assert set(re.findall(r">(100\d)</a>", look(kind="order.paid"))) == {"1003"}
    assert set(re.findall(r">(100\d)</a>", look(kind="nonsense", page="x"))) == {
        *("1001", "1002", "1003"),
    }


def test_many_events_have_many_pages(kept: Any) -> None:
    with transaction.atomic():
        journal.record(
            [
                Event(f"k{n:03}", Kind.ORDER_PLACED, timezone.now(), BORIS, order_number=f"n{n:03}")
                for n in range(120)
            ]
        )
    assert "n119" in look()
    assert "n069" in look(page="2", q="boris@shop.example")
    assert "1 / 3" in look()


def test_a_person_is_forgotten_with_all_that_he_is_known_by(kept: Any) -> None:
    write("o1", ANNA, number="1001")
    # As a guest, in other letters.
    write("o2", Customer(email="Anna@Shop.example", name="Анна"))
    # A reservation knows the account alone.
    write("o3", Customer(id="7"), Kind.RESERVATION_MADE)
    # Under the address of before.
    write("o4", Customer(id="7", email="anna.old@shop.example"))
    write("o5", Customer(email="anna.old@shop.example"))
    write("o6", BORIS, number="1006")
    assert "Forget this person" in look(q="anna@shop.example")
    assert forget("q=anna%40shop.example") == 302
    assert list(Record.objects.exclude(customer_id="", email="").values_list("key", flat=True)) == [
        "o6"
    ]
    assert not Record.objects.exclude(key="o6").exclude(phone="", name="").exists()
    # What has happened stays.
    assert Record.objects.count() == 6
    assert "1001" in look(q="1001")
    assert "5 events are nobody" in look(forgotten="5")


def test_messages_to_the_person_are_forgotten_too(kept: Any) -> None:
    write("o1", ANNA)
    Delivery.objects.create(
        rule="order.placed", customer_id="7", email="anna@shop.example", body="Анна, спасибо"
    )
    assert forget("q=id%3A7") == 302
    left = Delivery.objects.get()
    assert (left.customer_id, left.email, left.body) == ("", "", "")


def test_nobody_is_meant_by_nothing(kept: Any) -> None:
    write("o1", Customer())
    write("o2", ANNA)
    assert erasing.forget(erasing.person()) == 0
    assert erasing.forget(erasing.person(email="a@shop.example")) == 0
    assert Record.objects.get(key="o2").email == ANNA.email


def test_who_is_not_sure_forgets_nobody(kept: Any) -> None:
    write("o1", ANNA)
    assert press("q=id%3A7", action="forget") == 302
    assert press("q=id%3A7", action="explode", sure="1") == 302
    assert Record.objects.get().email == ANNA.email


@pytest.mark.parametrize("query", ["", "q=1001", "q=nobody", "q=nobody%40shop.example"])
def test_there_is_no_button_where_no_person_is_named(kept: Any, query: str) -> None:
    write("o1", ANNA, number="1001")
    key = pages._KEY.of("")
    assert "Forget this person" not in Client().get(f"/events/?{query}").content.decode()
    assert press(query, action="forget", sure="1", form=key) == 302
    assert Record.objects.get().email == ANNA.email


@pytest.mark.parametrize("form", [None, "", "forged:1:2"])
def test_another_site_can_press_nothing(kept: Any, form: str | None) -> None:
    write("o1", ANNA)
    data = {"action": "forget", "sure": "1"} | ({} if form is None else {"form": form})
    client = Client(enforce_csrf_checks=True)
    assert client.post("/events/?q=id%3A7", data).status_code == 403
    assert Record.objects.get().email == ANNA.email
    page = pages.show(RequestFactory().get("/", {"q": "id:7"}), user="a@shop.example")
    key = re.search(r'name="form" value="([^"]+)"', page.content.decode())
    assert key
    request = RequestFactory().post("/?q=id%3A7", {**data, "form": key[1]})
    assert pages.show(request, user="b@shop.example").status_code == 403


def test_a_person_gets_what_is_kept_of_him(kept: Any) -> None:
    write("o1", ANNA, number="1001")
    write("o2", BORIS)
    write("o3", Customer(id="7"), Kind.RESERVATION_MADE)
    response = Client().get("/events/", {"q": ANNA.email, "format": "json"})
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store"
    told = json.loads(response.content)["events"]
    assert [event["key"] for event in told] == ["o1", "o3"]
    assert told[0]["customer"]["email"] == ANNA.email


def test_what_other_rooms_keep_of_him_is_told_too(kept: Any) -> None:
    # Of the journal nothing is left; a message is, and a deal in a CRM.
    Delivery.objects.create(event="a", rule="r", email=ANNA.email, body="Анна, спасибо")
    Delivery.objects.create(event="b", rule="r", email=BORIS.email, body="Борис, спасибо")
    person = people.person(Customer(email=ANNA.email), "o1")
    assert person is not None
    Link.objects.create(system="bitrix24", of="deal", ours="o1", theirs="17")
    Link.objects.create(system="bitrix24", of="deal", ours="o2", theirs="18")
    assert "Forget this person" in look(q=ANNA.email)
    told = json.loads(Client().get("/events/", {"q": ANNA.email, "format": "json"}).content)
    assert told["events"] == []
    assert [one["said"] for one in told["messages"] if "said" in one] == ["Анна, спасибо"]
    (one,) = told["crm"]
    assert one["known_by"] == [f"email:{ANNA.email}", "order:o1"]
    assert [record["id"] for record in one["records"]] == ["17"]
