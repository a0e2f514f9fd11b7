"""Everybody and everything is sent anew to amoCRM: once, whatever goes wrong on the way."""

import threading
from typing import Any

from django.db import connections
from django.db.models.functions import Now

from saleor_1c_plugin.crm import resync
from saleor_1c_plugin.crm.adapter import System, system
from saleor_1c_plugin.crm.amocrm.client import Client
from saleor_1c_plugin.crm.models import Resync, Turn
from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Customer
from tests.crm.conftest import configure, links, settle
from tests.crm.standins.amocrm import AmoCrm
from tests.receipts import sales

from .conftest import mirrored

MANY = 70
ORDERS = 5


def amocrm() -> System:
    found = system("amocrm")
    assert found is not None
    return found


def crowd(settings: Any, account: AmoCrm) -> None:
    """A shop that had customers and orders before it had a CRM."""
    configure(settings, amocrm=None)
    Customer.objects.bulk_create(
        Customer(
            email=f"buyer{number}@shop.example",
            first_name="Имя",
            last_name=f"Фамилия {number}",
            phone=f"+7999{number:07}",
        )
        for number in range(MANY)
    )
    for number in range(ORDERS):
        sales.order(email=f"guest{number}@shop.example")
    mirrored(settings, account)


def assert_everybody_is_there_once(account: AmoCrm) -> None:
    emails = [
        email
        for record in account.there("contacts")
        for email in account.value("contacts", record, "EMAIL")
    ]
    assert len(emails) == len({email.lower() for email in emails}) == MANY + ORDERS
    keys = [account.value("leads", record, "ONEC_KEY")[0] for record in account.there("leads")]
    assert len(keys) == len(set(keys)) == ORDERS
    assert links("contact") == sorted(map(str, account.there("contacts")))
    row = Resync.objects.get()
    assert row.ended
    assert (row.customers_done, row.orders_done, row.problems) == (MANY, ORDERS, 0)


def test_a_resync_of_all(account: AmoCrm, settings: Any) -> None:
    crowd(settings, account)
    resync.begin(amocrm())
    settle()
    assert_everybody_is_there_once(account)
    assert not account.limited
    asked = [call for call in account.called if call == "GET contacts"]
    # By the e-mail and the phone each; by a key of ours nobody who is new can be found.
    assert len(asked) == 2 * MANY + ORDERS
    assert account.called.count("POST contacts") <= 4
    # Once more, with nothing new: nobody is asked for or written again.
    before = len(account.called)
    resync.begin(amocrm())
    settle()
    assert_everybody_is_there_once(account)
    assert len(account.called) == before


def test_a_resync_with_all_that_goes_wrong(account: AmoCrm, settings: Any) -> None:
    crowd(settings, account)
    # By hand, before: found by the e-mail and by the phone.
    account.keep("contacts", name="Имя", email=["BUYER7@shop.example"])
    account.keep("contacts", name="Имя Ф", phone=["8 (999) 000-00-08"])
    account.faults.share = 0.05
    resync.begin(amocrm())
    workers = [threading.Thread(target=_deliver) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    account.faults.share = 0.0
    settle()
    assert account.faults.met
    assert_everybody_is_there_once(account)


def _deliver() -> None:
    try:
        settle(200)
    finally:
        connections.close_all()


def test_a_worker_that_dies_costs_nothing_twice(
    account: AmoCrm, settings: Any, monkeypatch: Any
) -> None:
    """It dies after a call that writes, before it has noted what came of it; again and again."""
    crowd(settings, account)
    calls = 0
    real = Client._exchange

    def dies(self: Client, method: str, path: str, **given: Any) -> Any:
        nonlocal calls
        answer = real(self, method, path, **given)
        calls += method != "GET"
        if method != "GET" and calls < 15 and calls % 2:
            raise SystemError("killed")
        return answer

    monkeypatch.setattr(Client, "_exchange", dies)
    resync.begin(amocrm())
    for _ in range(100):
        deliver_pending()
        # The time has passed after which others may go on.
        Turn.objects.all().delete()
        Circuit.objects.all().delete()
        waiting = Message.objects.filter(state=Message.State.PENDING)
        waiting.filter(due__gt=Now(), token="").update(due=Now())
        if not waiting.exists():
            break
    assert calls > 3
    assert_everybody_is_there_once(account)
