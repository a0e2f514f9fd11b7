"""Documents of 1C's: whatever it sends and however, it hears what became of each."""

import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction

from saleor_1c_plugin.exchange.models import Exchange, ImportJob, JournalEntry
from saleor_1c_plugin.exchange.sweep import sweep
from saleor_1c_plugin.orders.models import AppliedDocument, OrderRecord, Watermark
from saleor_1c_plugin.sandbox.models import Product
from saleor_1c_plugin.store.orders import OrderStatus
from tests.catalog.support import catalogue, good
from tests.orders.onec import document, line, package, payment, read, shop_order

from .conftest import OneC
from .test_orders_out import Sale, touch

pytestmark = pytest.mark.django_db(transaction=True)

POSTED = {"Проведен": "true", "Номер по 1С": "К1"}


@pytest.fixture(autouse=True)
def _orders_on(_configured: None, settings: Any) -> None:
    Watermark.objects.all().delete()
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "orders": {}}


def log_in(version: str | None = "3.1") -> Sale:
    client = Sale()
    assert client.log_in().startswith("success")
    client.ask("init", **({"version": version} if version else {}))
    return client


@pytest.fixture
def sale() -> Sale:
    return log_in()


@pytest.fixture
def old() -> Sale:
    """1C that names no version: it sends files, and never asks for their import."""
    return log_in(None)


def made(reference: str = "made", **more: Any) -> str:
    with transaction.atomic():
        return shop_order(reference=reference, **more)


def posted(order_id: str) -> str:
    return document(order_id, line("cup0#1"), requisites=POSTED)


def said(client: OneC, *parts: str) -> str:
    """What is answered about a file of these documents."""
    assert client.send("documents.xml", package(*parts).encode()) == "success"
    return client.load("documents.xml")


def messages(level: str) -> list[str]:
    return list(JournalEntry.objects.filter(level=level).values_list("message", flat=True))


def figures(seen: int, *, unchanged: int = 0, updated: int = 0, failed: int = 0) -> str:
    return (
        f"объектов {seen}: без изменений {unchanged}, создано 0, обновлено {updated}, "
        f"скрыто 0, с ошибками {failed}"
    )


def test_documents_are_counted_in_the_answer(sale: Sale) -> None:
    orders = [made(str(number)) for number in range(3)]
    documents = [posted(order_id) for order_id in orders]
    assert said(sale, *documents) == f"success\nИмпорт documents.xml: {figures(3, updated=3)}"
    assert {read(order_id).status for order_id in orders} == {OrderStatus.OPEN}
    assert {read(order_id).metadata["onec.number"] for order_id in orders} == {"К1"}
    # 1C sends everything again, in another exchange.
    assert said(log_in(), *documents) == (
        f"success\nИмпорт documents.xml: {figures(3, unchanged=3)}"
    )
    assert sale.ask("complete") == sale.ask("deactivate") == "success"


def test_what_was_not_done_is_in_the_answer_and_in_the_journal(sale: Sale) -> None:
    good_one, shipped = made("1"), made("2", status=OrderStatus.SHIPPED)
    answer = said(
        sale,
        document(shipped, requisites={"Отменен": "true"}),
        document("nobody's", line("cup0#1"), number="77"),
        document("unreadable", amount="много"),
        posted(good_one),
    )
    lines = answer.splitlines()
    assert lines[:2] == ["success", f"Импорт documents.xml: {figures(4, updated=1, failed=3)}"]
    about = dict(text.split(": ", 1) for text in lines[2:])
    assert about.keys() == {shipped, "nobody's", "unreadable"}
    assert "Отмена заказа: магазин не позволяет" in about[shipped]
    assert "Заказа 77 нет в магазине" in about["nobody's"]
    assert "много" in about["unreadable"]
    assert read(good_one).status is OrderStatus.OPEN
    entries = JournalEntry.objects.exclude(level="info")
    assert {(entry.object_id, entry.file) for entry in entries} == {
        (object_id, "documents.xml") for object_id in about
    }
    assert all(entry.line for entry in entries)
    assert {entry.message for entry in entries} == set(about.values())


def test_1c_that_is_wrong_hears_it_whatever_was_on_its_way(sale: Sale) -> None:
    order_id = made(status=OrderStatus.SHIPPED)
    touch(order_id)
    assert [item.id for item in sale.query()] == [order_id]
    # Another session of the same 1C, or a person who exchanges by hand meanwhile.
    said(log_in(), document(order_id, requisites={"Отменен": "true"}))
    sale.ask("success")
    (again,) = sale.query()
    assert (again.id, again.requisite("Отменен")) == (order_id, "false")
    sale.ask("success")
    assert sale.query() == []


def test_many_remarks_do_not_make_an_endless_answer(sale: Sale) -> None:
    answer = said(sale, *(document(f"d{number}", number=f"N{number}") for number in range(40)))
    assert figures(40, failed=40) in answer
    assert len(answer.splitlines()) == 12
    assert JournalEntry.objects.filter(level="error").count() == 40


def test_an_older_1c_need_not_ask_for_the_import(old: Sale) -> None:
    order_id = made()
    answer = old.send("documents.xml", package(posted(order_id)).encode())
    assert answer == f"success\nИмпорт documents.xml: {figures(1, updated=1)}"
    assert read(order_id).status is OrderStatus.OPEN


def test_an_older_1c_hears_what_was_not_done(old: Sale) -> None:
    answer = old.send("documents.xml", package(document("nobody's", number="77")).encode())
    assert answer.splitlines()[2] == ("nobody's: Документ не обработан: Заказа 77 нет в магазине")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that a part may have, without sending megabytes."""
    from saleor_1c_plugin.exchange.settings import ExchangeSettings

    monkeypatch.setattr(ExchangeSettings, "file_limit", 1000)
    return 1000


def send_parts(client: OneC, name: str, body: bytes, size: int) -> list[str]:
    return [client.send(name, body[start : start + size]) for start in range(0, len(body), size)]


def test_an_older_1c_sends_a_file_in_parts(old: Sale, small_parts: int) -> None:
    orders = [made(str(number)) for number in range(4)]
    body = package(*map(posted, orders)).encode()
    assert len(body) > 3 * small_parts
    *first, last = send_parts(old, "documents.xml", body, small_parts)
    assert set(first) == {"success"}
    assert last == f"success\nИмпорт documents.xml: {figures(4, updated=4)}"
    assert ImportJob.objects.count() == 1


def test_an_older_1c_sends_a_file_as_large_as_its_parts(old: Sale, small_parts: int) -> None:
    orders = [made(str(number)) for number in range(4)]
    body = package(*map(posted, orders)).encode()
    body += b"\n" * (-len(body) % small_parts)
    *_, last = send_parts(old, "documents.xml", body, small_parts)
    assert last == f"success\nИмпорт documents.xml: {figures(4, updated=4)}"


def archive(**files: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        for name, text in files.items():
            opened.writestr(name, text)
    return target.getvalue()


def test_an_older_1c_sends_an_archive_and_names_nothing_in_it(old: Sale) -> None:
    first, second = made("1"), made("2")
    body = archive(
        **{
            "orders/0f1e.xml": package(posted(first)),
            "0a2b.xml": package(posted(second)),
            "readme.txt": "?",
        }
    )
    answer = old.send("v8_5A_17.zip", body)
    assert answer == f"success\nИмпорт v8_5A_17.zip: {figures(2, updated=2)}"
    assert read(first).status is read(second).status is OrderStatus.OPEN


@pytest.mark.parametrize("as_large_as_its_parts", [False, True])
def test_an_older_1c_sends_an_archive_in_parts(
    old: Sale, small_parts: int, as_large_as_its_parts: bool
) -> None:
    orders = [made(str(number)) for number in range(4)]
    text = package(*map(posted, orders))
    if as_large_as_its_parts:
        text += "\n" * (-len(archive(**{"0f1e.xml": text})) % small_parts)
    body = archive(**{"0f1e.xml": text})
    assert (len(body) % small_parts == 0) == as_large_as_its_parts
    *first, last = send_parts(old, "v8.zip", body, small_parts)
    assert set(first) == {"success"}
    assert last == f"success\nИмпорт v8.zip: {figures(4, updated=4)}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (archive(**{"readme.txt": "?"}), "В архиве v8.zip нет файлов XML"),
        (archive(**{"a.xml": "<a/>"})[:-9], "Архив v8.zip повреждён"),
    ],
)
def test_an_archive_without_documents_is_a_failure(old: Sale, body: bytes, reason: str) -> None:
    answer = old.send("v8.zip", body)
    assert answer.startswith(f"failure\nИмпорт v8.zip: {reason}")
    assert any(reason in message for message in messages("error"))


@pytest.mark.parametrize("version", [None, "3.1"])
def test_a_file_that_is_cut_off_says_where_and_keeps_what_precedes(version: str | None) -> None:
    client = log_in(version)
    orders = [made(str(number)) for number in range(3)]
    whole = package(*map(posted, orders))
    body = whole[: whole.rindex("<Товары>")].encode()
    answer = client.send("documents.xml", body)
    if version:
        answer = client.load("documents.xml")
    status, reason = answer.splitlines()
    assert status == "failure"
    # One document a line, behind the declaration and the root.
    assert "(строка 5)" in reason
    assert messages("error") == [reason.removeprefix("Импорт documents.xml: ")]
    assert [read(order_id).status for order_id in orders] == [
        OrderStatus.OPEN,
        OrderStatus.OPEN,
        OrderStatus.UNCONFIRMED,
    ]
    # The whole file does the rest.
    client = log_in(version)
    answer = client.send("documents.xml", whole.encode())
    if version:
        answer = client.load("documents.xml")
    assert figures(3, unchanged=2, updated=1) in answer


def test_a_dry_run_says_what_would_be_and_does_nothing(settings: Any, sale: Sale) -> None:
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = True
    order_id = made()
    record = OrderRecord.objects.values().get()
    answer = said(sale, posted(order_id), document("nobody's", number="77"))
    assert figures(2, updated=1, failed=1) in answer
    assert "пробный прогон, ничего не записано" in answer
    assert "nobody's: Документ не обработан: Заказа 77 нет в магазине" in answer
    order = read(order_id)
    assert (order.status, order.metadata) == (OrderStatus.UNCONFIRMED, {})
    assert not AppliedDocument.objects.exists()
    assert OrderRecord.objects.values().get() == record
    # Then in earnest.
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = False
    assert figures(2, updated=1, failed=1) in said(log_in(), posted(order_id), document("x"))
    assert read(order_id).status is OrderStatus.OPEN


def test_a_dry_run_of_a_file_meets_what_the_one_before_it_would_do(
    settings: Any, sale: Sale
) -> None:
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = True
    order_id = made()
    said(sale, posted(order_id))
    sale.send("payments.xml", package(payment(order_id)).encode())
    assert figures(1, updated=1) in sale.load("payments.xml")
    sale.send("again.xml", package(payment(order_id)).encode())
    assert figures(1, unchanged=1) in sale.load("again.xml")
    assert not read(order_id).payments


def test_documents_do_not_end_a_catalogue_that_is_being_loaded(
    onec: OneC, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saleor_1c_plugin.exchange.tasks import run_import

    monkeypatch.setenv("ONEC_LEFT_SECONDS", "0")
    onec.send("import.xml", catalogue(good("chair")).encode())
    with monkeypatch.context() as broker:
        broker.setattr(run_import, "apply_async", lambda **_: None)  # no worker takes it yet
        assert onec.ask("import", filename="import.xml").startswith("progress")
    order_id = made()
    assert figures(1, updated=1) in said(log_in(), posted(order_id))
    job = ImportJob.objects.get(room="catalog")
    assert job.status == "queued"
    ImportJob.objects.filter(pk=job.pk).update(enqueued=None)
    assert onec.load("import.xml").startswith("success")
    assert Product.objects.filter(key="chair").exists()


def test_a_newer_file_of_documents_ends_an_older_one(
    sale: Sale, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saleor_1c_plugin.exchange.tasks import run_import

    monkeypatch.setenv("ONEC_LEFT_SECONDS", "0")
    order_id = made()
    sale.send("documents.xml", package(payment(order_id)).encode())
    with monkeypatch.context() as broker:
        broker.setattr(run_import, "apply_async", lambda **_: None)
        sale.ask("import", filename="documents.xml")
    assert figures(1, updated=1) in said(log_in(), payment(order_id))
    assert ImportJob.objects.order_by("pk").values_list("status", flat=True)[0] == "failed"
    assert len(read(order_id).payments) == 1


def test_a_catalogue_among_the_orders_is_refused(sale: Sale) -> None:
    answer = sale.send("import.xml", catalogue(good("chair")).encode())
    answer = sale.load("import.xml")
    assert answer.startswith("failure\nИмпорт import.xml: В файле товары, а не документы")
    assert "type=catalog" in messages("error")[0]
    assert not Product.objects.exists()


def test_a_file_without_any_document_is_none_the_worse(sale: Sale) -> None:
    assert said(sale) == f"success\nИмпорт documents.xml: {figures(0)}"


def test_documents_in_the_exchange_of_goods_are_refused(onec: OneC) -> None:
    order_id = made()
    answer = said(onec, posted(order_id))
    assert answer.startswith("failure\nИмпорт documents.xml: Документы (1) не загружены")
    assert "type=sale" in messages("error")[0]
    assert read(order_id).status is OrderStatus.UNCONFIRMED


def test_documents_beside_goods_are_counted_and_told_of(onec: OneC) -> None:
    order_id = made()
    both = catalogue(good("chair")).replace(
        "</КоммерческаяИнформация>", posted(order_id) + "</КоммерческаяИнформация>"
    )
    onec.send("import.xml", both.encode())
    assert "с ошибками 1" in onec.load("import.xml")
    assert "Документы (1) не загружены" in messages("warning")[0]
    assert Product.objects.filter(key="chair").exists()
    assert read(order_id).status is OrderStatus.UNCONFIRMED


@pytest.mark.parametrize("version", [None, "3.1"])
def test_nothing_is_missing_when_1c_goes_away_after_its_documents(
    settings: Any, version: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ONEC_CONFIGURATION["catalog"] = {"price_types": "nonsense"}
    client = log_in(version)
    client.send("v8.zip", archive(**{"documents.xml": package(posted(made()))}))
    if version:
        client.load("documents.xml")
    monkeypatch.setenv("ONEC_IDLE_SECONDS", "0")
    sweep()
    assert not ImportJob.objects.exclude(room="sale").exists()
    assert not JournalEntry.objects.exclude(level="info").exists()
    exchange = Exchange.objects.get()
    assert exchange.finished
    assert not exchange.closed


def test_without_the_plugin_1c_is_told_so(settings: Any, sale: Sale) -> None:
    settings.ONEC_CONFIGURATION["orders"] = None
    status, reason = said(sale, document("x")).splitlines()
    assert status == "failure"
    assert messages("error") == [reason.removeprefix("Импорт documents.xml: ")]
