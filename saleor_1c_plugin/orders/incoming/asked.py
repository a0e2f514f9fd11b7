"""What a document of 1C's asks of the shop's order, whichever of its words say so.

Old configurations tell everything in the order's requisites, newer ones send a payment or a
shipment as a document of its own, some do both: a fact therefore has several references.
Sources of the words: 1C's page of the protocol, УТ 11, the exchange module of 1C-Bitrix.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from django.utils import timezone

from ...commerceml import values
from ...commerceml.documents import Document, DocumentLine, Operation
from .errors import Refused
from .settings import Action, Deletion, IncomingSettings, status_key

_POSTED = ("Проведен", "Проведён")
_CANCELLED = ("Отменен", "Отменён")
_PAID = ("Оплачен", "Заказ оплачен")
_SHIPPED = ("Отгружен", "Заказ отгружен")
_STATUS = ("Статус заказа", "СтатусЗаказа", "Статус")
_TRACKING = frozenset(
    {
        "идентификаторотправления",
        "номеротправления",
        "номеротслеживания",
        "трекномер",
        "трекингномер",
        "трекингчисло",
        "трек",
        "trackingnumber",
    }
)
_PAYMENTS = (Operation.CASH_PAYMENT, Operation.CASHLESS_PAYMENT, Operation.CARD_PAYMENT)
_REFUNDS = (Operation.CASH_REFUND, Operation.CASHLESS_REFUND)
#: Documents that ask nothing of an order: gift cards go out as the others.
_SILENT = (Operation.INVOICE, Operation.OTHER)
#: ``[N] Принят``: the id of a status that some sites put before its name.
_STATUS_ID = re.compile(r"^\[[^\]]*\]\s*")


@dataclass(frozen=True, slots=True)
class AskedPayment:
    """Money; an `amount` of ``None`` is whatever the order still owes."""

    #: All that it may be told by, the surest first; none where 1C only says that it is so.
    references: tuple[str, ...]
    title: str
    at: datetime | None = None
    amount: Decimal | None = None
    refund: bool = False


@dataclass(frozen=True, slots=True)
class AskedShipment:
    """Goods that left, or came back; no `lines` means all. `references` as of a payment."""

    references: tuple[str, ...]
    title: str
    at: datetime | None = None
    lines: tuple[DocumentLine, ...] = ()
    tracking: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What one document asks, in the order in which it is done."""

    number: str = ""
    issued: date | None = None
    lines: tuple[DocumentLine, ...] = ()
    confirm: bool = False
    payment: AskedPayment | None = None
    shipment: AskedShipment | None = None
    cancel: bool = False
    #: A status that the settings say nothing about.
    unknown_status: str = ""


def asked_by(document: Document, settings: IncomingSettings, own: Mapping[str, Action]) -> Asked:
    """Tell what `document` asks.

    Parameters
    ----------
    document
        A document of any operation.
    settings
        What its words stand for.
    own
        The same for the statuses that the shop itself offers to 1C.

    Raises
    ------
    Refused
        It is of an operation that nothing can be done about, or holds an impossible value.
    """
    operation = document.operation
    if operation is Operation.ORDER:
        return _order(document, settings, own)
    if operation in _PAYMENTS or operation in _REFUNDS:
        return Asked(payment=_payment(document, refund=operation in _REFUNDS))
    if operation in (Operation.SHIPMENT, Operation.RETURN):
        return Asked(shipment=_shipment(document, returned=operation is Operation.RETURN))
    if operation in _SILENT:
        return Asked()
    raise Refused(f"Неизвестная хозяйственная операция «{document.kind}»")


def is_posted(document: Document) -> bool | None:
    """Whether it is posted; ``None`` where 1C does not say."""
    return _says(document, *_POSTED)


def _order(document: Document, settings: IncomingSettings, own: Mapping[str, Action]) -> Asked:
    status, action = _status(document, {**own, **settings.statuses})
    cancel = (
        _says(document, *_CANCELLED) is True
        or action is Action.CANCEL
        or (document.deleted and settings.deletion_mark is Deletion.CANCEL)
    )
    posted = settings.confirm_posted and is_posted(document) is True
    return Asked(
        number=document.onec_number,
        issued=document.onec_issued,
        lines=() if cancel or document.deleted else document.lines,
        confirm=not cancel and not document.deleted and (posted or action is Action.CONFIRM),
        payment=_payment_by_requisites(document, told=action is Action.PAID),
        shipment=_shipment_by_requisites(document, told=action is Action.SHIP),
        cancel=cancel,
        unknown_status=status if action is None else "",
    )


def _status(document: Document, actions: Mapping[str, Action]) -> tuple[str, Action | None]:
    status = _first(document, *_STATUS)
    if not status:
        return "", Action.NONE
    for name in (status, _STATUS_ID.sub("", status)):
        if (action := actions.get(status_key(name))) is not None:
            return status, action
    return status, None


def _payment(document: Document, *, refund: bool) -> AskedPayment | None:
    if not _happened(document, *_PAID):
        return None
    if document.amount <= 0:
        raise Refused(f"Сумма платежа {document.amount} не больше нуля")
    title = "Возврат" if refund else "Оплата"
    return AskedPayment(
        references=_references(document),
        title=f"{title} по 1С{_named(document)}",
        at=_moment(document),
        amount=document.amount,
        refund=refund,
    )


def _shipment(document: Document, *, returned: bool) -> AskedShipment | None:
    if not _happened(document, *_SHIPPED):
        return None
    return AskedShipment(
        references=_references(document),
        title=f"{'Возврат товара' if returned else 'Отгрузка'} по 1С{_named(document)}",
        at=_moment(document),
        lines=document.lines,
        tracking=_tracking(document),
        returned=returned,
    )


def _happened(document: Document, *flags: str) -> bool:
    """Whether a payment or a shipment is a fact, and not a plan or a thing taken back."""
    refuted = document.deleted or _says(document, *_CANCELLED) is True
    return not refuted and is_posted(document) is not False and _says(document, *flags) is not False


def _payment_by_requisites(document: Document, *, told: bool) -> AskedPayment | None:
    number, at = document.requisite("Номер оплаты по 1С"), _at(document, "Дата оплаты по 1С")
    if not (number or at or told or _says(document, *_PAID)):
        return None
    return AskedPayment(_by_number(number, at), f"Оплата по 1С{_name(number, at)}", at)


def _shipment_by_requisites(document: Document, *, told: bool) -> AskedShipment | None:
    number, at = document.requisite("Номер отгрузки по 1С"), _at(document, "Дата отгрузки по 1С")
    if not (number or at or told or _says(document, *_SHIPPED)):
        return None
    return AskedShipment(
        _by_number(number, at),
        f"Отгрузка по 1С{_name(number, at)}",
        at,
        tracking=_tracking(document),
    )


def _references(document: Document) -> tuple[str, ...]:
    days = (document.onec_issued, document.issued)
    numbers = (document.onec_number, document.number)
    told = [_reference(number, day) for number in numbers for day in days if number and day]
    return tuple(dict.fromkeys(filter(None, (document.id, *told))))


def _by_number(number: str, at: datetime | None) -> tuple[str, ...]:
    return (_reference(number, timezone.localtime(at).date() if at else None),) if number else ()


def _reference(number: str, day: date | None) -> str:
    return f"{number} {day.isoformat()}" if day else number


def _named(document: Document) -> str:
    return _name(document.onec_number or document.number, _moment(document))


def _name(number: str, at: datetime | None) -> str:
    day = f" от {timezone.localtime(at):%d.%m.%Y}" if at else ""
    return f" № {number}{day}" if number else day


def _moment(document: Document) -> datetime | None:
    day = document.onec_issued or document.issued
    if day is None or day.year == 1:
        return None
    moment = datetime.combine(day, document.issued_at or time())
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _tracking(document: Document) -> str:
    for name, value in document.requisites:
        if value and re.sub(r"[\W_]+", "", name).casefold() in _TRACKING:
            return value
    return ""


def _first(document: Document, *names: str) -> str:
    return next(filter(None, (document.requisite(name) for name in names)), "")


def _says(document: Document, *names: str) -> bool | None:
    """What the first of these requisites that is there says."""
    for name in names:
        text = document.requisite(name)
        try:
            said = values.switch(text)
        except ValueError:
            raise Refused(f"Не удалось прочитать признак «{text}» в «{name}»") from None
        if said is not None:
            return said
    return None


def _at(document: Document, name: str) -> datetime | None:
    """A moment in the shop's zone; 1C writes an empty date as ``T`` or as the year 1."""
    text = document.requisite(name)
    if text in ("", "T"):
        return None
    try:
        moment = values.moment(text)
    except ValueError:
        raise Refused(f"Не удалось прочитать дату «{text}» в «{name}»") from None
    if moment is None or moment.year == 1:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)
