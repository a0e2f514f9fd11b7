"""ATOL's registers at the end of the queue: what it loses, repeats and hears is one receipt."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import RequestFactory

from saleor_1c_plugin.receipts import notifications
from saleor_1c_plugin.receipts.atol import client as client_module
from saleor_1c_plugin.receipts.atol.driver import AtolDriver
from saleor_1c_plugin.receipts.models import Receipt, Shift
from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins.atol import Atol
from .standins.atol_local import AtolLocal
from .support import RECEIPTS, House

State = Receipt.State


@pytest.fixture
def cloud(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, Atol]]:
    client_module._tokens.clear()
    with Atol() as server:
        monkeypatch.setenv("ONEC_ATOL_API", server.url)
        house = House(settings)
        settings.ONEC_CONFIGURATION = {
            **settings.ONEC_CONFIGURATION,
            "receipts": RECEIPTS,
            "emulator": None,
            "atol": {
                "login": "shop",
                "password": "tajna-parol",
                "group_code": "shop-ru_1",
                "inn": "7707083893",
                "email": "check@shop.example",
                "payment_address": "https://shop.example",
                "notification_url": "https://shop.example/plugins/saleor1c.atol/",
            },
        }
        yield house, server


@pytest.fixture
def tills(transactional_db: None, settings: Any) -> Iterator[tuple[House, AtolLocal, AtolLocal]]:
    with AtolLocal() as first, AtolLocal() as second:
        second.device.drive.serial = "9960440300123457"
        house = House(settings)
        settings.ONEC_CONFIGURATION = {
            **settings.ONEC_CONFIGURATION,
            "receipts": RECEIPTS,
            "emulator": None,
            "atol_local": {
                "registers": f"till1 = {first.address}\ntill2 = {second.address}",
                "electronically": "false",
            },
        }
        yield house, first, second


def test_a_receipt_goes_to_the_cloud_and_its_numbers_come_back(
    cloud: tuple[House, Atol],
) -> None:
    house, server = cloud
    row = house.put("1500.50")
    assert (row.state, row.register) == (State.SENT, "atol:shop-ru_1")
    assert row.reference
    house.wait()
    row = house.row(row)
    (made,) = server.groups["shop-ru_1"].drive.receipts
    assert (row.state, row.fiscal_document, row.sign) == (State.DONE, 1, str(made.sign))
    assert made.total == row.total


@pytest.mark.parametrize("fault", list(Fault))
def test_a_lost_answer_makes_no_second_receipt(cloud: tuple[House, Atol], fault: Fault) -> None:
    house, server = cloud
    # The token, and the receipt.
    server.faults.script.extend([None, fault])
    row = house.put()
    assert (row.state, row.reference) == (State.SENT, "")
    house.wait()
    house.wait()
    assert house.row(row).state == State.DONE
    assert len(server.groups["shop-ru_1"].drive.receipts) == 1


def test_a_notification_has_the_receipt_asked_for_at_once(cloud: tuple[House, Atol]) -> None:
    house, server = cloud
    server.at_once = False
    row = house.put()
    server.print_all()
    (told,) = server.told
    assert house.row(row).state == State.SENT
    for _time in range(2):
        request = RequestFactory().post("/", told, content_type="application/json")
        assert notifications.receive(AtolDriver(), request).status_code == 200
    assert house.row(row).state == State.DONE


def test_what_the_service_turns_down_is_shown_to_a_person(cloud: tuple[House, Atol]) -> None:
    house, server = cloud
    server.at_once = False
    row = house.put()
    server.fail_all(128, "Некорректная сумма налога")
    house.wait()
    row = house.row(row)
    assert (row.state, row.due) == (State.FAILED, None)
    assert "Некорректная сумма налога (код 128)" in row.reason


def test_registers_of_ones_own_open_shifts_and_stand_in_for_each_other(
    tills: tuple[House, AtolLocal, AtolLocal],
) -> None:
    house, first, second = tills
    row = house.put()
    assert (row.state, row.register) == (State.DONE, "atol_local:till1")
    assert list(Shift.objects.values_list("register", "number")) == [("atol_local:till1", 1)]
    first.device.has_paper = False
    row = house.put()
    # The first one has said that it has printed nothing: the next one may.
    assert (row.state, row.register) == (State.DONE, "atol_local:till2")
    first.device.has_paper = True
    house.wait()
    assert house.put().register == "atol_local:till1"
    assert (len(first.device.drive.receipts), len(second.device.drive.receipts)) == (2, 1)


def test_a_receipt_whose_outcome_is_not_known_goes_to_no_other_register(
    tills: tuple[House, AtolLocal, AtolLocal],
) -> None:
    house, first, second = tills
    house.put()
    first.device.breaks.append("after")
    row = house.put()
    house.wait()
    assert (house.row(row).state, house.row(row).register) == (State.SENT, "atol_local:till1")
    first.recover(first.device)
    house.wait()
    assert house.row(row).state == State.DONE
    assert (len(first.device.drive.receipts), len(second.device.drive.receipts)) == (2, 0)
