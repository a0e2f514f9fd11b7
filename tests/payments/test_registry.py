"""Registries are loaded whatever happens meanwhile, and what they know more is found out."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from saleor_1c_plugin.days import bounds
from saleor_1c_plugin.orders.known import zone
from saleor_1c_plugin.outbox import topics
from saleor_1c_plugin.outbox.models import Deliverer, Message
from saleor_1c_plugin.payments import provider
from saleor_1c_plugin.payments.models import Attempt, Operation, RegistryEntry, RegistryRun
from saleor_1c_plugin.payments.provider import (
    Conversion,
    Entry,
    EntryKind,
    NoAnswer,
    Registers,
)
from saleor_1c_plugin.payments.registry import asking, loading
from saleor_1c_plugin.payments.settings import PaymentsSettings, SettingsError
from saleor_1c_plugin.payments.tasks import ask_for_registries
from saleor_1c_plugin.payments.yookassa.provider import YooKassa as Provider
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.models import Order, Payment
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.sandbox.valkey import Valkey

from .bank import Bank
from .registries import DAY, SAVED, Books, today
from .standins.yookassa import YooKassa

# What the provider says.


def test_the_provider_tells_payments_and_refunds_with_its_fee(yookassa: YooKassa) -> None:
    account = Provider().account(SAVED)
    assert isinstance(account, Registers)
    assert account.number == "100500"
    since = datetime.now(UTC) - timedelta(hours=1)
    # Never paid, not ours, and ours.
    yookassa.payments.clear()
    books = Books(type("Settings", (), {"ONEC_CONFIGURATION": {}})(), yookassa)
    books.foreign("1.00", ago=timedelta(), status="canceled")
    books.foreign("5.00", ago=timedelta(hours=2))
    paid = books.foreign("1000.00", ago=timedelta(minutes=5), payment_id="mine")
    paid.asked = {"confirmation": {}, "metadata": {"onec_attempt": "attempt-1"}}
    refund = yookassa.give_back(paid.id, Decimal("10.50"))
    yookassa.refunds_wait = True
    yookassa.give_back(paid.id, Decimal("1"))
    told = list(account.registry(since, datetime.now(UTC) + timedelta(minutes=1)))
    assert told == [
        Entry(
            *(EntryKind.PAYMENT, paid.id, paid.id, Decimal("1000.00"), "RUB", paid.captured),
            fee=Decimal("28.00"),
            attempt="attempt-1",
        ),
        Entry(EntryKind.REFUND, refund.id, paid.id, Decimal("10.50"), "RUB", refund.created),
    ]


def test_what_is_paid_out_in_another_currency_is_told_as_it_is(yookassa: YooKassa) -> None:
    books = Books(type("Settings", (), {"ONEC_CONFIGURATION": {}})(), yookassa)
    books.foreign("1000.00", ago=timedelta(), converts=("USD", Decimal("0.0109")))
    now = datetime.now(UTC)
    (entry,) = Provider().account(SAVED).registry(now - DAY, now + DAY)
    assert (entry.amount, entry.currency) == (Decimal("1000.00"), "RUB")
    # 1000 less 28 of it; what of the rest is a fee and what the rate, YooKassa does not say.
    assert entry.converted == Conversion(Decimal("10.59"), "USD", None)
    assert entry.fee is None


def test_a_period_has_what_was_moved_in_it(books: Books) -> None:
    at = books.yookassa.now()
    for name, ago in (("before", 3), ("first", 2), ("last", 1)):
        books.foreign(payment_id=name, ago=timedelta(seconds=ago)).captured = at - timedelta(
            seconds=ago
        )
    account = Provider().account(SAVED)
    since, until = at - timedelta(seconds=2), at - timedelta(seconds=1)
    assert [entry.reference.strip(".") for entry in account.registry(since, until)] == ["first"]


def test_a_list_that_never_ends_does(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Provider().account(SAVED)
    page = {"type": "list", "items": [], "next_cursor": "again"}
    monkeypatch.setattr(account, "_call", lambda *_, **__: page)
    with pytest.raises(NoAnswer):
        list(account.registry(datetime.now(UTC) - DAY, datetime.now(UTC)))


# Loading.


def test_the_last_days_are_loaded_every_night(books: Books) -> None:
    known = [books.foreign(ago=days * DAY).id for days in (1, 2, 3)]
    books.foreign(ago=timedelta())
    books.foreign(ago=4 * DAY)
    ask_for_registries()
    assert books.references() == set(known)
    assert set(RegistryRun.objects.values_list("state", flat=True)) == {"done"}
    # Once a day.
    calls = books.calls()
    ask_for_registries()
    assert books.calls() == calls == 3
    # Some entries come late.
    late = books.foreign(ago=2 * DAY).id
    books.night()
    assert books.references() == {*known, late}
    assert sum(RegistryRun.objects.values_list("added", flat=True)) == 1
    assert sum(RegistryRun.objects.values_list("entries", flat=True)) == 4


def test_not_before_the_hour_that_is_set(books: Books) -> None:
    books.configure("payments", registry_hour=23)
    ask_for_registries()
    assert not RegistryRun.objects.exists()
    books.configure("payments", registry_hour=0, registry_days=1)
    ask_for_registries()
    assert RegistryRun.objects.count() == 1


def test_nights_that_were_missed_are_made_up_for(books: Books) -> None:
    books.load(10, 10)
    # Somebody has looked at yesterday meanwhile.
    books.load(1, 1)
    ids = {books.foreign(ago=days * DAY).id for days in range(1, 11)}
    books.foreign(ago=20 * DAY)
    books.night()
    assert books.references() == ids


def test_a_plugin_that_is_off_loads_nothing(books: Books, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "payments": None}
    ask_for_registries()
    assert not RegistryRun.objects.exists()


def test_channels_that_share_an_account_are_loaded_once(books: Books) -> None:
    ids = {books.foreign().id}
    # The mini-shop's channels have the same settings unless one has its own.
    assert {slug for _, slug in asking.numbers()} == {"default-channel", "usd"}
    books.load(1, 1)
    assert books.calls() == 1
    books.yookassa.shops["7"] = "test_other"
    books.configure("yookassa/usd", **{**SAVED, "shop_id": "7", "secret_key": "test_other"})
    books.load(1, 1)
    assert books.calls() == 3
    assert books.references() == ids
    assert set(RegistryRun.objects.values_list("account", flat=True)) == {"100500", "7"}


def test_the_same_again_is_the_same(books: Books) -> None:
    books.paid()
    books.load(1, 1)
    before = list(RegistryEntry.objects.values())
    books.load(1, 1)
    assert list(RegistryEntry.objects.values()) == before
    (run,) = RegistryRun.objects.all()
    assert (run.entries, run.added) == (1, 0)


def test_a_page_that_fails_in_the_middle_is_asked_for_again(books: Books) -> None:
    ids = {books.foreign(f"{number}.00").id for number in range(1, 251)}
    books.yookassa.faults.script.extend([None, Fault.DOWN])
    books.load(1, 1)
    assert len(books.references()) == 100
    (run,) = RegistryRun.objects.all()
    assert (run.state, run.covered) == ("open", None)
    assert "HTTP 5" in run.error
    assert "test_secret-key" not in run.error
    books.work()
    assert books.references() == ids
    run.refresh_from_db()
    assert (run.state, run.error, run.entries, run.added) == ("done", "", 250, 150)


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_all_is_loaded(books: Books, fault: Fault) -> None:
    ids = {books.foreign().id for _ in range(3)}
    books.yookassa.faults.script.extend([fault, fault, None, fault])
    books.load(1, 1)
    for _ in range(3):
        books.work()
    assert books.references() == ids
    assert RegistryRun.objects.get().state == "done"


def test_a_long_period_goes_on_in_halves(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {books.foreign(ago=DAY + timedelta(hours=hours)).id for hours in (0, 3, 6, 9)}
    monkeypatch.setattr(loading, "_BUDGET", -1.0)
    monkeypatch.setattr(loading, "_SHORTEST", timedelta(hours=13))
    books.load(2, 1)
    for _ in range(3):
        books.work()
    assert books.references() == ids
    assert set(RegistryRun.objects.values_list("state", flat=True)) == {"done"}
    assert RegistryRun.objects.count() > 2
    whole = bounds(today() - DAY, zone())
    assert asking.coverage().has_all(("yookassa", "100500"), *whole)


def test_an_account_that_is_gone_waits_for_nobody(books: Books, settings: Any) -> None:
    books.yookassa.faults.script.append(Fault.DOWN)
    books.load(1, 1)
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "yookassa": None}
    books.work()
    run = RegistryRun.objects.get()
    assert (run.state, run.error) == ("failed", "The account is switched off")
    assert not Message.objects.filter(topic="payments.registry.yookassa", state="pending").exists()


def test_a_question_of_today_does_not_wait_behind_one_that_was_given_up(books: Books) -> None:
    books.yookassa.faults.script.append(Fault.DOWN)
    books.load(1, 1)
    Message.objects.filter(state="pending").update(state="dead", due=None)
    known = {books.foreign().id}
    books.load(1, 1)
    assert books.references() == known


class ListingBank(Bank):
    """One with a registry."""

    number = "main"

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def registry(self, since: datetime, until: datetime) -> Iterator[Entry]:
        yield from (entry for entry in self.entries if since <= entry.at < until)


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> ListingBank:
    """Another provider beside."""
    made = ListingBank()
    monkeypatch.setattr(provider, "_providers", dict(provider.providers()))
    monkeypatch.setattr(topics, "_receivers", dict(topics.receivers()))
    provider.register(made)
    return made


def test_a_provider_that_is_down_delays_only_itself(books: Books, bank: ListingBank) -> None:
    books.foreign()
    at = datetime.now(UTC) - DAY
    bank.entries = [Entry(EntryKind.PAYMENT, "b1", "b1", Decimal(5), "RUB", at)]
    books.yookassa.faults.share, books.yookassa.faults.kinds = 1.0, [Fault.DOWN]
    for _ in range(15):
        books.load(1, 1)
        books.work()
    assert books.references() == {"b1"}
    bank.entries.append(replace(bank.entries[0], reference="b2"))
    # Not even what leaves a receiver alone for a while is common to them.
    asking.ask(today() - DAY, today() - DAY, "bank")
    assert books.references() == {"b1", "b2"}
    books.yookassa.faults.share = 0.0
    books.work()
    assert len(books.references()) == 3


def test_what_is_told_twice_is_one_entry_and_the_later_word_counts(
    books: Books, bank: ListingBank
) -> None:
    at = datetime.now(UTC) - DAY
    first = Entry(EntryKind.CHARGEBACK, "c1", "b1", Decimal("5.001"), "RUB", at)
    bank.entries = [first, replace(first, amount=Decimal(6), fee=Decimal("0.1"))]
    books.load(1, 1)
    entry = RegistryEntry.objects.get()
    assert (entry.amount, entry.fee) == (6, Decimal("0.1"))


def test_workers_are_killed_while_they_load(
    books: Books,
    start_worker: Callable[..., Child],
    valkey: Valkey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(1, 451):
        books.foreign(f"{number}.00")
    from saleor_1c_plugin.outbox.tasks import deliver_pending

    # Here nobody delivers.
    monkeypatch.setattr(deliver_pending, "apply_async", lambda **_: None)
    books.load(1, 1)
    saved = tmp_path / "configuration.json"
    saved.write_text(json.dumps({"yookassa": SAVED}))
    books.yookassa.faults.slow, books.yookassa.faults.slow_seconds = 1.0, 0.6
    app = Celery("tests", broker=valkey.url, set_as_current=False, fixups=[])

    def until(is_reached: Callable[[], bool], worker: Child) -> None:
        deadline = time.monotonic() + 120
        while not is_reached():
            worker.check()
            assert time.monotonic() < deadline, worker.tail()
            app.send_task("saleor_1c_plugin.outbox.deliver_pending")
            time.sleep(0.1)

    for entries in (100, 200):
        worker = start_worker(ONEC_CONFIGURATION_FILE=str(saved))
        until(lambda wanted=entries: RegistryEntry.objects.count() >= wanted, worker)  # type: ignore[misc]
        worker.kill()
        assert RegistryRun.objects.get().state == "open"
        # Its leases are over.
        Deliverer.objects.all().delete()
        Message.objects.filter(state="pending").update(due=datetime.now(UTC))
    books.yookassa.faults.slow = 0.0
    worker = start_worker(ONEC_CONFIGURATION_FILE=str(saved))
    until(lambda: RegistryRun.objects.get().state == "done", worker)
    assert books.references() == set(books.yookassa.payments)
    assert sum(RegistryEntry.objects.values_list("amount", flat=True)) == sum(range(1, 451))


# What a registry knows more than we do.


def shop_has(order: Order) -> list[tuple[str, Decimal]]:
    return list(Payment.objects.filter(order=order).values_list("kind", "amount"))


def test_money_of_ours_that_nobody_told_of_is_found_out(books: Books) -> None:
    order = books.order()
    attempt = books.begun(order)
    books.pay(attempt.payment_id)
    Attempt.objects.update(next_poll=None)
    assert shop_has(order) == []
    books.load(1, 1)
    attempt.refresh_from_db()
    assert attempt.status == "charged"
    assert shop_has(order) == [("charge", attempt.amount)]


def test_a_payment_whose_own_call_was_given_up_is_found_by_our_id(books: Books) -> None:
    order = books.order()
    attempt = books.begun(order)
    books.pay(attempt.payment_id)
    Attempt.objects.update(payment_id="", status="cancelled", reason="no answer", next_poll=None)
    books.load(1, 1)
    assert shop_has(order) == [("charge", attempt.amount)]
    assert Attempt.objects.get().status == "charged"


def test_a_refund_in_the_cabinet_that_nobody_told_of_is_found_out(books: Books) -> None:
    order = books.order(2)
    attempt = books.paid(order)
    refund = books.give_back(attempt.payment_id, Decimal("30.30"))
    books.load(1, 1)
    assert sorted(shop_has(order)) == [("charge", attempt.amount), ("refund", Decimal("30.30"))]
    assert Operation.objects.get().refund_id == refund.id


def test_what_is_known_is_not_asked_for(books: Books) -> None:
    attempt = books.paid()
    calls = books.calls(f"/v3/payments/{attempt.payment_id}")
    books.load(1, 1)
    assert books.calls(f"/v3/payments/{attempt.payment_id}") == calls


def test_a_provider_without_an_answer_is_asked_again(books: Books) -> None:
    order = books.order()
    attempt = books.begun(order)
    books.pay(attempt.payment_id)
    Attempt.objects.update(next_poll=None)
    # The lists come, the payment does not.
    books.yookassa.faults.script.extend([None, None, Fault.DOWN])
    books.load(1, 1)
    assert shop_has(order) == []
    books.work()
    assert shop_has(order) == [("charge", attempt.amount)]


def test_another_amount_is_a_person_s_and_nothing_is_mended(books: Books) -> None:
    order = books.order()
    attempt = books.begun(order)
    books.yookassa.payments[attempt.payment_id].amount = Decimal("1.00")
    books.pay(attempt.payment_id)
    Attempt.objects.update(next_poll=None)
    books.load(1, 1)
    attempt.refresh_from_db()
    assert attempt.problem
    assert shop_has(order) == []
    calls = books.calls(f"/v3/payments/{attempt.payment_id}")
    books.night()
    assert books.calls(f"/v3/payments/{attempt.payment_id}") == calls


def test_an_entry_with_somebody_else_s_id_of_ours_pays_nothing(books: Books) -> None:
    order = books.order()
    attempt = books.begun(order)
    forged = books.foreign(payment_id="forged")
    forged.asked = {"confirmation": {}, "metadata": {"onec_attempt": str(attempt.pk)}}
    books.load(1, 1)
    assert shop_has(order) == []
    attempt.refresh_from_db()
    assert attempt.status == "pending"
    assert books.references() == {forged.id}


# Settings.


@pytest.mark.parametrize(
    "values",
    [
        {"registry_hour": "24"},
        {"registry_hour": "-1"},
        {"registry_days": "0"},
        {"registry_days": "32"},
        {"registry_to_onec": "yes"},
    ],
)
def test_settings_that_can_not_be_used(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        PaymentsSettings.from_configuration(values)


def test_the_regular_work_loads_them(books: Books) -> None:
    from saleor_1c_plugin.outbox import regular

    known = {books.foreign().id}
    regular.run("registries")
    assert books.references() == known
