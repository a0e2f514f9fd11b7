"""The client fetches orders as 1C does: portion by portion, confirming what it has taken."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.onec.__main__ import main
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.errors import BadAnswer, ExchangeError, Refused
from saleor_1c_plugin.onec.sale import fetch_orders

from .orders import Shop, order, package
from .server import Reply, Request, obliging, serving


def client(url: str) -> Client:
    return Client(url, "1c", "secret", kind="sale")


def documents(content: bytes) -> list[Document]:
    found = [node.parse() for node in scan(BytesIO(content)) if node.kind is ItemKind.DOCUMENT]
    return [document for document in found if isinstance(document, Document)]


def test_portions_come_until_there_are_no_more() -> None:
    shop = Shop([order(1), order(2), order(3)])
    books = Books()
    with serving(shop) as site:
        assert fetch_orders(client(site.url), books) == ["id-1", "id-2", "id-3"]
    assert site.modes == ["checkauth", "init", *["query", "success"] * 3]
    assert all(request.query["type"] == "sale" for request in site.requests)
    # The one that tells of the site's payments.
    assert site.of("init")[0].query["version"] == "3.1"
    assert {request.cookie for request in site.requests[1:]} == {"onec_session=abc123"}
    assert len(books) == 3


def test_what_could_not_be_taken_is_not_confirmed() -> None:
    def fail(_: BinaryIO) -> int:
        raise OSError("the disk is full")

    shop = Shop([order(1)])
    with serving(shop) as site:
        with pytest.raises(OSError, match="full"):
            client(site.url).fetch(fail)
        assert not site.of("success")
        assert fetch_orders(client(site.url), Books()) == ["id-1"]


def test_a_large_package_arrives_whole() -> None:
    orders = [order(number) for number in range(500)]
    target = BytesIO()
    with serving(lambda _: package(*orders)) as site:
        size = client(site.url).query(target)
    assert target.getvalue().decode() == package(*orders)
    assert size == len(target.getvalue())


def test_lists_for_the_mapping_dialog() -> None:
    target = BytesIO()
    with serving(lambda _: "\ufeff<?xml version='1.0'?><Справочник/>") as site:
        client(site.url).info(target)
    assert site.modes == ["info"]
    assert "Справочник" in target.getvalue().decode()


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        ("failure\nНет прав", Refused, "query: Нет прав"),
        ("success\n", BadAnswer, "expected XML"),
        ("", BadAnswer, "expected XML"),
        (500, BadAnswer, "HTTP 500"),
    ],
)
def test_what_is_no_package(reply: Reply, error: type[ExchangeError], reason: str) -> None:
    with serving(lambda _: reply) as site, pytest.raises(error, match=reason):
        client(site.url).query(BytesIO())


def test_a_confirmation_that_is_refused() -> None:
    def answer(request: Request) -> Reply:
        if request.mode == "success":
            return "failure\nСессия закончилась"
        return package(order(1)) if request.mode == "query" else obliging()(request)

    with serving(answer) as site, pytest.raises(Refused, match="закончилась"):
        fetch_orders(client(site.url), Books())


def run(url: str, *arguments: str) -> int:
    return main(["orders", url, "--login", "1c", "--password", "x", "--quiet", *arguments])


def test_the_command_tells_what_came(capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop([order(1, paid="650.00"), order(2)])
    with serving(shop) as site:
        assert run(site.url) == 0
    assert capsys.readouterr().out.splitlines() == [
        "order 1 (ТД00-000001): Анна Ли, lines 2, 650.00 RUB, paid 650.00",
        "order 2 (ТД00-000002): Анна Ли, lines 2, 650.00 RUB, paid 0",
        "done: 2 order(s)",
    ]
    assert not shop.files


def test_the_command_answers_as_1c_does(capsys: pytest.CaptureFixture[str]) -> None:
    shop = Shop([order(1, paid="150.00")])
    with serving(shop) as site:
        assert run(site.url, "--confirm-all", "--pay", "--ship") == 0
        assert site.modes[-4:] == ["checkauth", "init", "file", "import"]
        sent = len(site.requests)
        assert run(site.url, "--ship") == 0
        assert site.modes[sent:] == ["checkauth", "init", "query", "success"]
    answered, own, payment, shipment = documents(shop.files["documents.xml"])
    assert (answered.id, answered.number, answered.onec_number) == ("id-1", "1", "ТД00-000001")
    assert (answered.operation, payment.operation, shipment.operation) == (
        Operation.ORDER,
        Operation.CASHLESS_PAYMENT,
        Operation.SHIPMENT,
    )
    assert (own.id, own.amount) == ("payment-id-1", 150)
    assert answered.requisite("Проведен") == "true"
    assert payment.amount == 500
    assert shipment.requisite("Идентификатор отправления").startswith("RA")


def test_saved_packages_keep_the_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Shop([order(1), order(2), order(3)])) as site:
        run(site.url, "--save", str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "orders-0001.xml",
        "orders-0002.xml",
    ]
    with serving(Shop([order(4), order(2)])) as site:
        run(site.url, "--save", str(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[4:6]] == [
        "order 4 (ТД00-000004)",
        "order 2 (ТД00-000002)",
    ]
