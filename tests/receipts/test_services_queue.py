"""OrangeData and YooKassa at the end of the queue: what they lose and repeat is one receipt."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from saleor_1c_plugin.receipts import actions, stored
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.sandbox.standins.faults import Fault

from ..payments.standins.yookassa import YooKassa
from .standins import orangedata_keys as keys
from .standins.orangedata import OrangeData
from .support import FIRST, RECEIPTS, SECOND, House, contents
from .test_orangedata import COMPANY, company_anew
from .test_orangedata import SAVED as ORANGEDATA
from .test_yookassa_receipts import GATEWAY, pay
from .test_yookassa_receipts import SAVED as YOOKASSA

State = Receipt.State


def configure(settings: Any, **registers: object) -> House:
    house = House(settings)
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "receipts": RECEIPTS,
        "emulator": None,
        **registers,
    }
    return house


@pytest.fixture
def orange(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[House, OrangeData]]:
    roots = tmp_path / "roots.pem"
    roots.write_text(keys.roots())
    with OrangeData(company_anew()) as server:
        monkeypatch.setenv("ONEC_ORANGEDATA_API", server.url)
        monkeypatch.setenv("ONEC_ORANGEDATA_ROOTS", str(roots))
        yield configure(settings, orangedata=ORANGEDATA), server


@pytest.fixture
def yoo(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, YooKassa]]:
    with YooKassa() as server:
        monkeypatch.setenv("ONEC_YOOKASSA_API", server.url)
        yield configure(settings, yookassa_receipts=YOOKASSA), server


def test_a_receipt_goes_to_orangedata_and_its_numbers_come_back(
    orange: tuple[House, OrangeData],
) -> None:
    house, server = orange
    row = house.put("1500.50")
    assert (row.state, row.register) == (State.SENT, f"orangedata:{COMPANY.inn}:Main_2")
    server.work()
    house.wait()
    row = house.row(row)
    (printed,) = server.done
    assert (row.state, row.fiscal_document, row.sign) == (State.DONE, 1, printed.sign)
    assert (printed.total, row.is_test) == (Decimal("1500.50"), True)


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.LOST])
def test_an_answer_of_orangedata_s_that_is_lost(
    orange: tuple[House, OrangeData], fault: Fault
) -> None:
    house, server = orange
    server.faults.script.append(fault)
    row = house.put()
    assert (row.state, row.reference) == (State.SENT, "")
    for _ in range(3):
        server.work()
        house.wait()
    assert house.row(row).state == State.DONE
    assert len(server.done) == len(server.documents) == 1


def about(payment_id: str) -> dict[str, Any]:
    """A receipt of that payment."""
    receipt = replace(contents("1234.00"), gateway=GATEWAY, gateway_reference=payment_id)
    return stored.dump(receipt)


@pytest.mark.parametrize("fault", [None, Fault.UNHEARD, Fault.LOST])
def test_a_receipt_goes_to_yookassa_once(yoo: tuple[House, YooKassa], fault: Fault | None) -> None:
    house, server = yoo
    payment_id = pay(server)
    server.faults.script.append(fault)
    row = house.put("1234.00", document=about(payment_id))
    assert (row.state, row.reference == "") == (State.SENT, fault is not None)
    for _ in range(2):
        house.wait()
    row = house.row(row)
    (receipt,) = server.receipts.values()
    assert (row.state, row.reference) == (State.DONE, receipt.id)
    assert row.fiscal_document == receipt.number


def test_after_a_day_yookassa_is_asked_what_there_is(yoo: tuple[House, YooKassa]) -> None:
    house, server = yoo
    payment_id = pay(server)
    twin = house.put("1234.00", "order", document=about(payment_id))
    house.wait()
    server.faults.script.append(Fault.LOST)
    row = house.put("1234.00", "order", document=about(payment_id))
    assert row.state == State.SENT
    server.later(timedelta(days=2))
    Receipt.objects.update(created=F("created") - timedelta(days=2))
    for _ in range(2):
        house.wait()
    references = {house.row(one).reference for one in (twin, row)}
    assert house.row(row).state == State.DONE
    assert references == set(server.receipts)


def test_what_yookassa_has_not_moved_another_register_gets(yoo: tuple[House, YooKassa]) -> None:
    house, server = yoo
    house.configure(registers="yookassa_receipts\nemulator")
    # In the order of the queue: the first receipt must not keep the second one waiting.
    row = house.put()
    own = house.put("1234.00", document=about(pay(server)))
    house.wait()
    row, own = house.row(row), house.row(own)
    assert (row.state, row.register) == (State.DONE, FIRST)
    assert (own.state, own.register) == (State.DONE, f"yookassa_receipts:{YOOKASSA['shop_id']}")
    assert len(server.receipts) == 1
    # Whoever is away is not asked; who is left and can't do it says nothing of it.
    for name in (FIRST, SECOND):
        house.break_down(name, is_away=True)
    row = house.put()
    house.wait()
    assert house.row(row).state == State.QUEUED
    house.look_after()
    assert house.row(row).reason == "Касса, которой пробивают такие чеки, сейчас не отвечает"
    house.configure(registers="yookassa_receipts")
    house.look_after()
    assert house.row(row).reason == "Ни одна касса этого канала не пробивает такие чеки"
    house.configure(registers="yookassa_receipts\nemulator")
    house.break_down(SECOND, is_away=False)
    house.wait()
    assert (house.row(row).state, house.row(row).register) == (State.DONE, SECOND)


def test_what_yookassa_has_not_moved_is_shown_to_a_person(yoo: tuple[House, YooKassa]) -> None:
    house, server = yoo
    row = house.put()
    assert row.state == State.FAILED
    assert "другую кассу" in row.reason
    assert not server.receipts
    # Once there is another one, it is sent anew.
    house.configure(registers="yookassa_receipts\nemulator")
    with transaction.atomic():
        actions._queue(row)
    house.wait()
    assert house.row(row).state == State.DONE
