"""A person is forgotten in the CRM, too, whatever goes wrong on the way."""

import json
from typing import Any

import pytest
from django.test import Client as Http

from saleor_1c_plugin.crm import erasing
from saleor_1c_plugin.crm.bitrix24.client import Client
from saleor_1c_plugin.crm.models import Link, Mark, Person, Turn
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.receipts import sales

from .conftest import configure, links, mirrored, settle

ANNA = "anna@shop.example"


def assert_nothing_is_left(portal: Bitrix24) -> None:
    assert not portal.rows["contact"]
    assert not links("contact")
    assert not Mark.objects.exists()
    assert ANNA not in str([portal.rows, *Message.objects.values_list("payload", flat=True)])


def test_answers_are_lost(portal: Bitrix24) -> None:
    sales.order(email=ANNA)
    settle()
    portal.faults.script += [Fault.LOST, Fault.DROPPED, Fault.DOWN, Fault.CUT, Fault.UNHEARD]
    assert erasing.erase(email=ANNA) == 1
    settle()
    assert portal.faults.met
    assert_nothing_is_left(portal)


@pytest.mark.parametrize("at", [1, 2])
def test_a_worker_dies(portal: Bitrix24, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """After a call, before it has noted what came of it."""
    sales.order(email=ANNA)
    settle()
    calls = 0
    real = Client._exchange

    def dies(self: Client, method: str, params: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = real(self, method, params)
        if calls == at:
            raise SystemError("killed")
        return answer

    monkeypatch.setattr(Client, "_exchange", dies)
    erasing.erase(email=ANNA)
    deliver_pending()
    # Whoever died holds nobody up for long.
    Turn.objects.all().delete()
    settle()
    assert calls > at
    assert_nothing_is_left(portal)


def test_an_answer_that_would_have_linked_him_was_lost(portal: Bitrix24) -> None:
    sales.order(email=ANNA)
    settle()
    Link.objects.filter(of="contact").delete()
    erasing.erase(email=ANNA)
    settle()
    assert_nothing_is_left(portal)


def test_while_the_crm_is_off_it_waits(portal: Bitrix24, settings: Any) -> None:
    sales.order(email=ANNA)
    settle()
    configure(settings, bitrix24=None)
    erasing.erase(email=ANNA)
    deliver_pending()
    assert portal.rows["contact"]
    assert Message.objects.filter(topic="crm.bitrix24", state="pending").exists()
    mirrored(settings, portal)
    settle()
    assert_nothing_is_left(portal)


def test_whoever_comes_back_is_somebody_new(portal: Bitrix24) -> None:
    sales.order(email=ANNA)
    settle()
    first = Person.objects.get()
    erasing.erase(email=ANNA)
    sales.order(email=ANNA)
    settle()
    (contact,) = portal.rows["contact"].values()
    assert contact["ORIGIN_ID"] != str(first.pk)
    assert len(links("contact")) == 1


def told() -> list[dict[str, Any]]:
    """Of Anna, what she is told that CRMs say of her."""
    answer = Http().get("/events/", {"q": ANNA, "format": "json"})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = json.loads(answer.content)["crm_there"]
    return found


def test_a_person_is_told_what_stands_there_by_now(portal: Bitrix24) -> None:
    sales.order(email=ANNA)
    settle()
    (record,) = portal.rows["contact"]
    portal.rows["contact"][record] |= {"NAME": "Анна Сергеевна", "ASSIGNED_BY_ID": "7"}
    (there,) = told()
    assert (there["system"], there["id"]) == ("bitrix24", str(record))
    assert (there["first_name"], there["responsible"]) == ("Анна Сергеевна", "Мария Кац")


def test_a_crm_that_does_not_answer_is_named(portal: Bitrix24) -> None:
    sales.order(email=ANNA)
    settle()
    portal.is_closed = True
    (there,) = told()
    assert (there["system"], there["problem"]) == ("bitrix24", "could not be asked")
    # The page itself asks nobody.
    asked = len(portal.called)
    assert Http().get("/events/", {"q": ANNA}).status_code == 200
    assert len(portal.called) == asked
