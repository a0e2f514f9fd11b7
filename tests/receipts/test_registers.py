"""Which register is asked, by how many at a time, and what happens when one is away."""

import threading
import time
from typing import Any

import pytest
from django.db import connections

from saleor_1c_plugin.receipts import driver, queue, registers
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth
from saleor_1c_plugin.receipts.tasks import register_receipts

from .cloud import Cloud
from .support import FIRST, SECOND, House

State = Receipt.State


@pytest.fixture
def cloud(house: House, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A cloud's register beside the emulated ones; the only one that is used."""
    made = Cloud()
    monkeypatch.setattr(driver, "_drivers", {**driver._drivers, "cloud": made})
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "cloud": {}}
    house.configure(registers="cloud")
    return made


def test_another_register_is_asked_while_the_first_is_away(house: House) -> None:
    house.break_down(is_away=True)
    row = house.put()
    assert (row.state, row.register) == (State.DONE, SECOND)
    assert registers.away().keys() == {FIRST}
    # It is left alone meanwhile, and then it is the first one again.
    house.break_down(is_away=False)
    assert house.put().register == SECOND
    RegisterHealth.objects.update(away_until=None)
    assert house.put().register == FIRST


def test_receipts_wait_while_all_are_away_and_it_is_said_why(house: House) -> None:
    for name in (FIRST, SECOND):
        house.break_down(name, is_away=True)
    row = house.put()
    assert (row.state, row.register) == (State.QUEUED, "")
    house.look_after()
    row = house.row(row)
    assert row.reason == "Ни одна касса сейчас не отвечает"
    for name in (FIRST, SECOND):
        house.break_down(name, is_away=False)
    house.wait()
    assert house.row(row).state == State.DONE
    assert house.row(row).reason == ""


def test_the_order_is_the_merchant_s(house: House) -> None:
    house.configure(registers="emulator:2\nemulator")
    assert house.put().register == SECOND
    house.break_down(SECOND, is_away=True)
    assert house.put().register == FIRST
    house.configure(registers="emulator:1")
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=False)
    RegisterHealth.objects.update(away_until=None)
    assert house.put().state == State.QUEUED


def test_where_there_is_no_register_it_is_said_so(house: House, settings: Any) -> None:
    house.configure(registers="nobody's")
    row = house.put()
    house.look_after()
    assert house.row(row).reason == "В этом канале не настроена ни одна касса"
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "receipts": None}
    house.look_after()
    assert house.row(row).reason == "Чеки в этом канале выключены"


def test_a_register_that_is_set_up_no_more_is_waited_for(house: House, settings: Any) -> None:
    house.put()
    house.break_down(loses=100)
    row = house.put()
    assert row.state == State.SENT
    house.break_down(loses=0)
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "emulator": {"drives": "2"},
    }
    house.wait()
    house.look_after()
    row = house.row(row)
    assert row.state == State.SENT
    assert FIRST in row.reason
    # It need not be among those that new receipts go to.
    house.configure(registers=SECOND)
    house.wait()
    assert house.row(row).state == State.DONE


def test_a_register_is_asked_by_one_worker_at_a_time(house: House) -> None:
    token = registers.take(FIRST)
    assert token is not None
    assert registers.take(FIRST) is None
    assert registers.keep(FIRST, token)
    row = house.put()
    # Another worker has the first: nobody else uses it, nor is another one asked in its place.
    assert row.state == State.QUEUED
    registers.leave(FIRST, token)
    register_receipts()
    assert house.row(row).register == FIRST


def test_a_dead_worker_s_register_is_free_when_its_lease_is_over(house: House) -> None:
    dead = registers.take(FIRST)
    assert dead is not None
    RegisterHealth.objects.update(lease_until="2020-01-01T00:00Z")
    assert house.put().state == State.DONE
    assert not registers.keep(FIRST, dead)


def test_a_serial_register_gets_one_receipt_after_another(
    cloud: Cloud, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.is_parallel = False
    monkeypatch.setattr(cloud, "meanwhile", lambda: time.sleep(0.01))
    _many(house, 12)
    assert (len(cloud.receipts), cloud.most) == (12, 1)


def test_a_cloud_s_register_gets_many_at_a_time(
    cloud: Cloud, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = threading.Barrier(2)

    def meet() -> None:
        two.wait(30)

    monkeypatch.setattr(cloud, "meanwhile", meet)
    _many(house, 8)
    assert len(cloud.receipts) == 8
    assert cloud.most >= 2


def _many(house: House, count: int) -> None:
    token = registers.take("cloud")
    assert token is not None
    for _ in range(count):
        house.put()
    registers.leave("cloud", token)
    # Two workers come for them.
    workers = [threading.Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _work() -> None:
    try:
        queue.work()
    finally:
        connections.close_all()


def test_what_takes_its_time_is_asked_for_until_it_is_done(cloud: Cloud, house: House) -> None:
    row = house.put()
    assert (row.state, row.reference) == (State.SENT, f"ref-{row.pk}")
    assert row.due is not None
    house.wait()
    assert house.row(row).state == State.SENT
    cloud.done.append(str(row.pk))
    house.wait()
    row = house.row(row)
    assert (row.state, row.fiscal_document, row.sign) == (State.DONE, 1, "0000000001")
    assert not row.is_test
    assert cloud.calls == ["send", "find", "find"]


def test_what_is_turned_down_later_is_shown(cloud: Cloud, house: House) -> None:
    row = house.put()
    cloud.bad.add(str(row.pk))
    house.wait()
    row = house.row(row)
    assert (row.state, row.reason) == (State.FAILED, "Неверный ИНН покупателя")


def test_a_lost_answer_leads_to_no_second_call(cloud: Cloud, house: House) -> None:
    cloud.faults = ["lost", "lost", "lost"]
    row = house.put()
    for _ in range(4):
        house.wait()
    cloud.done.append(str(row.pk))
    house.wait()
    assert house.row(row).state == State.DONE
    assert cloud.calls.count("send") == 1


def test_a_driver_that_breaks_does_not_leak_what_it_says(cloud: Cloud, house: House) -> None:
    cloud.faults = ["bug"]
    row = house.put()
    assert (row.state, row.reason) == (State.SENT, "ZeroDivisionError")
    assert RegisterHealth.objects.get(register="cloud").problem == "ZeroDivisionError"
    # It was never taken: it is sent again, after it was asked for.
    house.wait()
    assert cloud.calls == ["send", "find", "send"]


def test_some_lost_answers_are_no_reason_to_leave_a_register_alone(
    cloud: Cloud, house: House
) -> None:
    cloud.faults = ["lost", "lost"]
    for _ in range(2):
        house.put()
    assert not registers.away()
    cloud.faults = ["lost"]
    house.put()
    assert registers.away().keys() == {"cloud"}
