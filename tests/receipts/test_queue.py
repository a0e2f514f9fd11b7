"""A receipt is registered once, whatever is repeated, lost or turned down."""

import threading
import time

import pytest

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.receipts import claims, registers, stored, told
from saleor_1c_plugin.receipts.claims import Turn, Work
from saleor_1c_plugin.receipts.compose.document import Buyer
from saleor_1c_plugin.receipts.compose.document import Receipt as Contents
from saleor_1c_plugin.receipts.driver import Unavailable
from saleor_1c_plugin.receipts.emulator import drive
from saleor_1c_plugin.receipts.emulator.models import Document, Drive
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth
from saleor_1c_plugin.receipts.tasks import register_receipts

from .support import CHANNEL, FIRST, SECOND, House, contents

State = Receipt.State


def test_a_receipt_is_registered_as_soon_as_its_fact_is_committed(house: House) -> None:
    row = house.put("1500.50")
    (printed,) = house.printed()
    assert row.state == State.DONE
    assert (row.register, row.reference, row.due, row.token) == (
        FIRST,
        str(printed.number),
        None,
        "",
    )
    drive = Drive.objects.get(name=FIRST)
    assert (row.drive, row.register_number) == (drive.number, drive.register_number)
    assert (row.fiscal_document, row.sign) == (printed.number, printed.sign)
    assert (row.registered, row.shift_number, row.number) == (printed.at, 1, 1)
    assert (printed.external_id, printed.total) == (str(row.pk), row.total)
    assert row.is_test


def test_a_lost_answer_is_asked_for_and_nothing_is_sent_again(house: House) -> None:
    house.put()
    house.break_down(loses=100)
    row = house.put()
    assert (row.state, row.register, len(house.printed())) == (State.SENT, FIRST, 2)
    house.break_down(loses=0)
    house.wait()
    assert house.row(row).state == State.DONE
    assert len(house.printed()) == 2
    assert not house.printed(SECOND)


def test_what_was_sent_is_asked_for_by_no_other_register(house: House) -> None:
    house.put()
    house.break_down(loses=100)
    row = house.put()
    house.break_down(loses=0, is_away=True)
    house.wait()
    house.wait()
    row = house.row(row)
    assert (row.state, row.register, row.reason) == (State.SENT, FIRST, "Касса выключена")
    # The others are not held up by it.
    assert house.put().register == SECOND
    house.break_down(is_away=False)
    house.wait()
    assert house.row(row).state == State.DONE
    assert (len(house.printed()), len(house.printed(SECOND))) == (2, 1)


def test_what_a_register_never_got_is_sent_again(house: House) -> None:
    """A worker dies between the commit and the call."""
    row = house.put(state=State.SENT, register=FIRST)
    assert house.row(row).state == State.DONE
    assert len(house.printed()) == 1


def test_what_a_dead_worker_had_is_taken_up_when_its_lease_is_over(house: House) -> None:
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=True)
    row = house.put()
    RegisterHealth.objects.update(away_until=None)
    work = Work(FIRST, [Turn(CHANNEL)])
    taken = claims.claim(work, "dead")
    assert taken is not None
    house.break_down(FIRST, is_away=False)
    register_receipts()
    assert house.row(row).token == "dead"
    house.wait()
    assert house.row(row).state == State.DONE
    # If it was not dead after all, it has no say any more.
    assert not claims.release(taken.row)
    assert house.row(row).state == State.DONE
    assert len(house.printed()) == 1


def test_bad_data_are_shown_and_nothing_is_sent_until_they_are_mended(house: House) -> None:
    document = stored.dump(contents(buyer=Buyer()))
    row = house.put(document=document)
    assert (row.state, row.due) == (State.FAILED, None)
    assert "e-mail или телефон" in row.reason
    house.wait()
    assert house.row(row).attempts == 1
    assert not house.printed()


def test_a_document_that_can_not_be_read_holds_nobody_up(house: House) -> None:
    broken = house.put(document={"kind": "sell"})
    assert broken.state == State.FAILED
    assert house.put().state == State.DONE


def test_receipts_of_an_order_go_one_after_another(house: House) -> None:
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=True)
    rows = [house.put(f"{number}.00", "one-order") for number in range(1, 6)]
    # Also where the first is the last to be due.
    Receipt.objects.filter(pk=rows[0].pk).update(due="2020-01-02T00:00Z")
    Receipt.objects.filter(pk=rows[4].pk).update(due="2020-01-01T00:00Z")
    house.break_down(FIRST, is_away=False)
    RegisterHealth.objects.update(away_until=None)
    register_receipts()
    assert [int(one.total) for one in house.printed()] == [1, 2, 3, 4, 5]


def test_one_that_failed_holds_up_those_behind_it_and_no_others(house: House) -> None:
    sold = house.put("10.00", "one-order", document=stored.dump(contents(buyer=Buyer())))
    given_back = house.put("10.00", "one-order")
    other = house.put()
    assert [house.row(row).state for row in (sold, given_back, other)] == [
        State.FAILED,
        State.QUEUED,
        State.DONE,
    ]


def test_a_register_that_fails_again_and_again_is_left_alone_longer_and_longer(
    house: House,
) -> None:
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=True)
    house.put()
    pauses = []
    for _ in range(4):
        RegisterHealth.objects.update(away_until=None)
        register_receipts()
        row = RegisterHealth.objects.get(register=FIRST)
        assert row.away_until is not None
        pauses.append(row.failures)
    assert pauses == sorted(set(pauses))
    assert registers.away().keys() == {FIRST, SECOND}
    house.break_down(FIRST, is_away=False)
    house.wait()
    assert RegisterHealth.objects.get(register=FIRST).failures == 0


def test_a_register_that_answers_nonsense_is_asked_again_and_not_twice_printed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put()
    house.break_down(loses=100)
    rows = [house.put() for _ in range(3)]
    house.break_down(loses=0)
    for _ in range(3):
        house.wait()
    assert {house.row(row).state for row in rows} == {State.DONE}
    numbers = [one.number for drive in (FIRST, SECOND) for one in house.printed(drive)]
    assert len(numbers) == 4


def test_a_number_that_another_receipt_has_is_shown_to_a_person(house: House) -> None:
    first = house.put()
    row = house.put(state=State.SENT, register=FIRST, due=None)
    # The register mistakes one for the other.
    Document.objects.filter(external_id=str(first.pk)).update(external_id=str(row.pk))
    Receipt.objects.filter(pk=row.pk).update(due="2020-01-01T00:00Z")
    register_receipts()
    row = house.row(row)
    assert row.state == State.FAILED
    assert "другого чека" in row.reason


def test_what_was_sent_is_asked_for_before_anything_new_is_sent(house: House) -> None:
    house.put()
    house.break_down(loses=100)
    lost = house.put()
    house.break_down(SECOND, is_away=True)
    house.break_down(is_away=True)
    new = house.put()
    # It has waited longer than the question of the other one.
    Receipt.objects.filter(pk=new.pk).update(due="2020-01-01T00:00Z", token="")
    Receipt.objects.filter(pk=lost.pk).update(due="2021-01-01T00:00Z", token="")
    work = Work(FIRST, [Turn(CHANNEL)])
    assert claims.due(work, 1) == (1, True)
    first, second = claims.claim(work, "one"), claims.claim(work, "two")
    assert first is not None
    assert second is not None
    assert (first.row.pk, first.is_new) == (lost.pk, False)
    assert (second.row.pk, second.is_new) == (new.pk, True)
    assert claims.claim(work, "three") is None


def test_many_receipts_call_for_few_workers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=True)
    rows = [house.put() for _ in range(20)]
    calls: list[int] = []
    monkeypatch.setattr(deliver_pending, "apply_async", lambda **_: calls.append(1))
    for name in (FIRST, SECOND):
        house.break_down(name, is_away=False)
    house.wait()
    assert {house.row(row).state for row in rows} == {State.DONE}
    assert 1 <= len(calls) < len(rows)
    # What is to be told is told then.
    monkeypatch.undo()
    assert Message.objects.filter(topic=told.TOPIC, state="pending").count() == len(rows)
    house.tell()
    assert not Message.objects.filter(topic=told.TOPIC, state="pending").exists()


class _Watched:
    """A register that takes its time, and tells who came meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._register = drive.register
        self._lock = threading.Lock()
        self._at_once = 0
        self.most_at_once = 0
        #: Asked for, in this order.
        self.asked: list[str] = []
        self.is_away = False
        monkeypatch.setattr(drive, "register", self)

    def __call__(self, name: str, receipt: Contents, external_id: str) -> Document:
        if name != FIRST:
            return self._register(name, receipt, external_id)
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.asked.append(external_id)
        try:
            # Until the next one is in a worker's hands too, where there is a next one.
            for _ in range(200):
                taken = Receipt.objects.filter(state=State.SENT)
                left = Receipt.objects.filter(state=State.QUEUED)
                if taken.count() > 1 or not left.exists():
                    break
                time.sleep(0.01)
            if self.is_away:
                raise Unavailable("Касса не отвечает")
            return self._register(name, receipt, external_id)
        finally:
            with self._lock:
                self._at_once -= 1


def _waiting(house: House, count: int) -> list[Receipt]:
    """Receipts that can't go anywhere yet."""
    house.break_down(FIRST, is_away=True)
    house.break_down(SECOND, is_away=True)
    rows = [house.put() for _ in range(count)]
    for name in (FIRST, SECOND):
        house.break_down(name, is_away=False)
    return rows


def test_a_register_on_a_table_is_asked_for_one_receipt_at_a_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _waiting(house, 12)
    watched = _Watched(monkeypatch)
    house.wait()
    assert {house.row(row).state for row in rows} == {State.DONE}
    assert watched.most_at_once == 1
    assert sorted(watched.asked) == sorted(str(row.pk) for row in rows)


def test_what_waits_for_a_register_that_goes_away_is_not_sent_to_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _waiting(house, 2)
    watched = _Watched(monkeypatch)
    watched.is_away = True
    before = RegisterHealth.objects.get(register=FIRST).failures
    house.wait()
    assert {house.row(row).state for row in rows} == {State.DONE}
    assert len(watched.asked) == 1
    assert (len(house.printed(FIRST)), len(house.printed(SECOND))) == (0, 2)
    assert RegisterHealth.objects.get(register=FIRST).failures == before + 1
