"""What a 1C does with the orders that it took in, and what it tells of them."""

from decimal import Decimal
from io import BytesIO

import pytest

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.errors import ExchangeError

from .orders import order, package
from .test_orders import documents


def books(*orders: str) -> Books:
    made = Books()
    made.take(BytesIO(package(*orders).encode()))
    return made


def told(kept: Books) -> list[Document]:
    target = BytesIO()
    kept.write(target, ["id-1"])
    return documents(target.getvalue())


def test_an_order_is_taken_in_once() -> None:
    kept = books(order(1), order(2))
    kept.post("id-1")
    kept.take(BytesIO(package(order(1, paid="650.00")).encode()))
    assert len(kept) == 2
    assert (kept["id-1"].number, kept["id-1"].paid) == ("ТД00-000001", Decimal(650))
    assert kept["id-1"].posted
    assert not kept.pay("id-1")


def test_a_confirmation_names_1c_s_number_and_leaves_the_rest() -> None:
    kept = books(order(1))
    (before,) = (item for item in told(kept) if item.operation is Operation.ORDER)
    assert before.requisites == (
        ("Проведен", "false"),
        ("Отменен", "false"),
        ("Отгружен", "false"),
    )
    kept.post("id-1")
    (after,) = told(kept)
    assert after.requisite("Проведен") == "true"
    assert (after.id, after.number, after.onec_number) == ("id-1", "1", "ТД00-000001")
    assert str(after.onec_issued) == "2026-03-01"
    assert [line.id for line in after.lines] == ["cup#blue", "ORDER_DELIVERY"]
    assert (after.amount, after.currency) == (Decimal(650), "руб")
    assert after.counterparties[0].id == "buyer#anna"


def test_payments_and_shipments_are_documents_of_their_own() -> None:
    kept = books(order(1))
    assert kept.pay("id-1", Decimal(100))
    assert kept.ship("id-1", "T1", {"cup#blue": Decimal(1)})
    placed, payment, shipment = told(kept)
    assert (payment.basis, payment.amount) == ("id-1", Decimal(100))
    assert (shipment.basis, shipment.amount) == ("id-1", Decimal(100))
    assert [(line.id, line.quantity) for line in shipment.lines] == [("cup#blue", Decimal(1))]
    # The order itself is neither paid nor shipped yet.
    assert placed.requisite("Отгружен") == "false"
    assert not placed.requisite("Номер оплаты по 1С")
    assert kept.pay("id-1")
    assert kept.ship("id-1", "T2")
    placed, _, rest, _, last = told(kept)
    assert rest.amount == Decimal(550)
    assert [line.quantity for line in last.lines] == [Decimal(2), Decimal(1)]
    assert placed.requisite("Отгружен") == "true"
    assert placed.requisite("Номер отгрузки по 1С") == last.onec_number
    assert placed.requisite("Номер оплаты по 1С") == rest.onec_number
    assert not kept.pay("id-1")
    assert not kept.ship("id-1")
    assert len({item.id for item in told(kept)}) == 5


def test_two_lines_of_the_same_goods_are_shipped_each() -> None:
    twice = order(1).replace("ORDER_DELIVERY", "cup#blue")
    kept = books(twice)
    kept.ship("id-1")
    shipment = told(kept)[1]
    assert [line.quantity for line in shipment.lines] == [Decimal(3), Decimal(1)]
    assert not kept.ship("id-1")


def test_what_is_told_again_is_the_same() -> None:
    kept = books(order(1))
    kept.pay("id-1")
    kept.ship("id-1", "T")
    assert told(kept) == told(kept)


def test_a_changed_quantity_changes_the_sums() -> None:
    kept = books(order(1))
    kept.change("id-1", "cup#blue", Decimal(2))
    (placed,) = told(kept)
    cup = placed.lines[0]
    assert (cup.quantity, cup.price, cup.amount) == (Decimal(2), Decimal(100), Decimal(200))
    assert cup.taxes[0].amount == Decimal("36.07")
    assert placed.amount == Decimal(550)
    kept.change("id-1", "cup#blue", Decimal(0))
    assert [line.id for line in told(kept)[0].lines] == ["ORDER_DELIVERY"]


def test_a_cancellation() -> None:
    kept = books(order(1))
    kept.cancel("id-1")
    assert told(kept)[0].requisite("Отменен") == "true"


def test_an_order_that_is_not_there() -> None:
    with pytest.raises(ExchangeError, match="id-9"):
        books(order(1)).post("id-9")
