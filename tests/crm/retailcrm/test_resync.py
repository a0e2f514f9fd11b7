"""Everybody and everything is sent anew into RetailCRM: once, whatever goes wrong."""

from typing import Any

import pytest
from django.db.models.functions import Now

from saleor_1c_plugin.crm import resync
from saleor_1c_plugin.crm.adapter import system
from saleor_1c_plugin.crm.models import Resync, Turn
from saleor_1c_plugin.crm.retailcrm.client import Client
from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Customer
from tests.crm.conftest import configure, links, settle
from tests.crm.standins.retailcrm import RetailCrm
from tests.receipts import sales

from .conftest import mirrored

MANY = 25


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_a_resync_of_all(account: RetailCrm, settings: Any, share: float) -> None:
    configure(settings, retailcrm=None)
    Customer.objects.bulk_create(
        Customer(email=f"buyer{n}@shop.example", first_name="Имя", phone=f"+7999{n:07}")
        for n in range(MANY)
    )
    for number in range(4):
        sales.order(email=f"guest{number}@shop.example")
    mirrored(settings, account)
    account.faults.share = share
    retailcrm = system("retailcrm")
    assert retailcrm is not None
    resync.begin(retailcrm)
    settle(150)
    account.faults.share = 0.0
    settle()
    emails = [row["email"] for row in account.rows["customers"].values()]
    assert len(emails) == len(set(emails)) == MANY + 4
    assert len(account.rows["orders"]) == 4
    assert links("contact") == sorted(map(str, account.rows["customers"]))
    row = Resync.objects.get()
    assert (row.customers_done, row.orders_done, row.problems) == (MANY, 4, 0)
    assert bool(account.faults.met) == bool(share)
    # Once more, with nothing new: nobody is written again.
    before = len(account.called)
    resync.begin(retailcrm)
    settle()
    assert len(account.called) == before


def test_a_worker_that_dies_costs_nothing_twice(
    account: RetailCrm, settings: Any, monkeypatch: Any
) -> None:
    """It dies after a call, before it has noted what came of it; again and again."""
    configure(settings, retailcrm=None)
    Customer.objects.bulk_create(
        Customer(email=f"buyer{number}@shop.example", first_name="Имя") for number in range(MANY)
    )
    sales.order(email="guest@shop.example")
    mirrored(settings, account)
    calls = 0
    real = Client._call

    def dies(self: Client, method: str, path: str, **given: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = real(self, method, path, **given)
        if calls % 17 == 16 or path.endswith("/upload"):
            raise SystemError("killed")
        return answer

    monkeypatch.setattr(Client, "_call", dies)
    retailcrm = system("retailcrm")
    assert retailcrm is not None
    resync.begin(retailcrm)
    for _ in range(200):
        deliver_pending()
        # The time has passed after which others may go on.
        Turn.objects.all().delete()
        Circuit.objects.all().delete()
        waiting = Message.objects.filter(state=Message.State.PENDING)
        waiting.filter(due__gt=Now(), token="").update(due=Now())
        if not waiting.exists():
            break
    emails = [row["email"] for row in account.rows["customers"].values()]
    assert len(emails) == len(set(emails)) == MANY + 1
    assert len(account.rows["orders"]) == 1
    row = Resync.objects.get()
    assert row.ended
    assert (row.customers_done, row.problems) == (MANY, 0)
