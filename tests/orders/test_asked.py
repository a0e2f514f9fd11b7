"""What a document asks is the same, whichever of 1C's words say so."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from saleor_1c_plugin.commerceml.documents import Document, DocumentLine, Operation
from saleor_1c_plugin.orders.incoming.asked import Asked, asked_by
from saleor_1c_plugin.orders.incoming.errors import Refused
from saleor_1c_plugin.orders.incoming.settings import Action, Deletion, IncomingSettings

STATUSES = {"к отгрузке": Action.CONFIRM, "отказ": Action.CANCEL, "оплачен": Action.PAID}


def asked(
    kind: str = Operation.ORDER,
    requisites: dict[str, str] | None = None,
    settings: IncomingSettings | None = None,
    **fields: object,
) -> Asked:
    document = Document(
        "doc-1",
        kind=kind,
        amount=Decimal(100),
        requisites=tuple((requisites or {}).items()),
        **fields,  # type: ignore[arg-type]
    )
    return asked_by(
        document, settings or IncomingSettings(statuses=STATUSES), {"открыт": Action.NONE}
    )


def test_a_document_that_says_nothing_asks_nothing() -> None:
    assert asked() == Asked()


def test_number_and_date_of_1c() -> None:
    told = asked(onec_number="К482", onec_issued=date(2017, 8, 4))
    assert (told.number, told.issued) == ("К482", date(2017, 8, 4))


@pytest.mark.parametrize(
    ("requisites", "confirmed"),
    [
        ({"Проведен": "true"}, True),
        ({"Проведён": "Да"}, True),
        ({"Проведен": "false"}, False),
        ({"Статус заказа": "К  отгрузке"}, True),
        ({"СтатусЗаказа": "[P] К отгрузке"}, True),
        ({"Статус заказа": "Открыт"}, False),
        ({"Проведен": "true", "Отменен": "true"}, False),
    ],
)
def test_confirmation(requisites: dict[str, str], confirmed: bool) -> None:
    assert asked(requisites=requisites).confirm is confirmed


def test_a_posted_document_confirms_only_where_so_set() -> None:
    settings = IncomingSettings(confirm_posted=False)
    assert not asked(requisites={"Проведен": "true"}, settings=settings).confirm


@pytest.mark.parametrize(
    ("requisites", "deleted", "mark", "cancelled"),
    [
        ({"Отменен": "true"}, False, Deletion.IGNORE, True),
        ({"Отменён": "1"}, False, Deletion.IGNORE, True),
        ({"Статус": "Отказ"}, False, Deletion.IGNORE, True),
        ({}, True, Deletion.CANCEL, True),
        ({}, True, Deletion.IGNORE, False),
        ({"Отменен": "false"}, False, Deletion.CANCEL, False),
    ],
)
def test_cancellation(
    requisites: dict[str, str], deleted: bool, mark: Deletion, cancelled: bool
) -> None:
    settings = IncomingSettings(statuses=STATUSES, deletion_mark=mark)
    told = asked(requisites=requisites, settings=settings, deleted=deleted)
    assert told.cancel is cancelled
    assert not told.confirm


def test_lines_of_a_document_marked_for_deletion_are_not_asked_for() -> None:
    line = DocumentLine("cup", "Чашка", Decimal(1), Decimal(100))
    assert asked(lines=(line,)).lines == (line,)
    settings = IncomingSettings(deletion_mark=Deletion.IGNORE)
    assert asked(lines=(line,), deleted=True, settings=settings).lines == ()


def test_an_unknown_status_is_named_and_asks_nothing() -> None:
    told = asked(requisites={"Статус заказа": "На складе"})
    assert told == Asked(unknown_status="На складе")


@pytest.mark.parametrize(
    "requisites",
    [
        {"Оплачен": "true"},
        {"Заказ оплачен": "Да"},
        {"Статус заказа": "Оплачен"},
        {"Дата оплаты по 1С": "2017-08-16T21:30:00"},
        {"Номер оплаты по 1С": "О1008"},
    ],
)
def test_an_order_that_is_paid_owes_nothing_any_more(requisites: dict[str, str]) -> None:
    payment = asked(requisites=requisites).payment
    assert payment is not None
    assert payment.amount is None
    assert not payment.refund


@pytest.mark.parametrize("empty", ["", "T", "0001-01-01T00:00:00"])
def test_an_empty_date_of_1c_is_no_payment_and_no_shipment(empty: str) -> None:
    told = asked(
        requisites={
            "Дата оплаты по 1С": empty,
            "Дата отгрузки по 1С": empty,
            "Оплачен": "false",
            "Отгружен": "false",
        }
    )
    assert told == Asked()


def test_a_payment_by_requisites_has_the_reference_that_its_document_has_too() -> None:
    by_order = asked(
        requisites={"Номер оплаты по 1С": "О1008", "Дата оплаты по 1С": "2017-08-16T21:30:00"}
    ).payment
    by_document = asked(
        Operation.CASHLESS_PAYMENT,
        number="О1008",
        issued=date(2017, 8, 16),
    ).payment
    assert by_order is not None
    assert by_document is not None
    assert by_order.references == ("О1008 2017-08-16",)
    assert by_document.references == ("doc-1", "О1008 2017-08-16")
    assert by_order.title == by_document.title == "Оплата по 1С № О1008 от 16.08.2017"
    # In the shop's zone, Moscow.
    assert by_order.at == datetime(2017, 8, 16, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "kind", ["Выплата наличных денег", "ВыплатаБезналичныхДенег", "эквайринговая операция"]
)
def test_a_payment_document(kind: str) -> None:
    payment = asked(kind).payment
    assert payment is not None
    assert (payment.amount, payment.refund) == (Decimal(100), False)


@pytest.mark.parametrize("kind", [Operation.CASH_REFUND, Operation.CASHLESS_REFUND])
def test_a_refund_document(kind: str) -> None:
    payment = asked(kind).payment
    assert payment is not None
    assert payment.refund


@pytest.mark.parametrize(
    ("requisites", "deleted"),
    [
        ({"Оплачен": "false", "Отгружен": "false"}, False),
        ({"Проведен": "false"}, False),
        ({"Отменен": "true"}, False),
        ({}, True),
    ],
)
@pytest.mark.parametrize("kind", [Operation.CASH_PAYMENT, Operation.SHIPMENT])
def test_a_plan_is_no_fact(kind: str, requisites: dict[str, str], deleted: bool) -> None:
    assert asked(kind, requisites, deleted=deleted) == Asked()


@pytest.mark.parametrize(
    "name",
    [
        "Идентификатор отправления",
        "Номер отправления",
        "НомерОтправления",
        "Трек-номер",
        "ТРЕК НОМЕР",
        "TRACKING_NUMBER",
    ],
)
def test_the_tracking_number_under_any_of_its_names(name: str) -> None:
    told = asked(Operation.SHIPMENT, {"Отгружен": "true", name: "RA123"})
    assert told.shipment is not None
    assert told.shipment.tracking == "RA123"


def test_a_shipment_by_requisites_is_all_that_is_left() -> None:
    shipment = asked(
        requisites={
            "Отгружен": "true",
            "Номер отгрузки по 1С": "О976",
            "Дата отгрузки по 1С": "2017-08-04T12:22:01",
        }
    ).shipment
    assert shipment is not None
    assert shipment.lines == ()
    assert shipment.references == ("О976 2017-08-04",)


@pytest.mark.parametrize("kind", [Operation.INVOICE, Operation.OTHER])
def test_an_invoice_or_a_gift_card_asks_nothing(kind: str) -> None:
    assert asked(kind, {"Проведен": "true"}) == Asked()


def test_goods_that_came_back() -> None:
    returned = asked(Operation.RETURN, {"Проведен": "true"}).shipment
    assert returned is not None
    assert returned.returned


@pytest.mark.parametrize(("kind", "told"), [("Списание", "«Списание»"), ("", "«»")])
def test_an_operation_that_nothing_can_be_done_about_is_refused(kind: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        asked(kind)


@pytest.mark.parametrize("amount", ["0", "-100"])
def test_a_payment_of_nothing_or_less_is_refused(amount: str) -> None:
    with pytest.raises(Refused, match=amount):
        asked_by(
            Document("p", kind=Operation.CASH_PAYMENT, amount=Decimal(amount)),
            IncomingSettings(),
            {},
        )


@pytest.mark.parametrize(
    ("name", "value"), [("Проведен", "может быть"), ("Дата оплаты по 1С", "вчера")]
)
def test_a_requisite_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"«{value}» в «{name}»"):
        asked(requisites={name: value})
