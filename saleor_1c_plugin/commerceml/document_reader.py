"""``Документ``: an order, a payment or a shipment as 1C and its modules write them."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from lxml import etree

from .counterparty_reader import counterparty
from .documents import (
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
    DocumentWarehouse,
    SitePayment,
    operation_of,
)
from .fields import Fields, fields_of, requisites_of
from .goods import full_id
from .model import TaxRate, Unit
from .names import line_of, text_of
from .units import ONE, unit
from .unreadable import Unreadable, is_deleted, rate_of

_NONE = Decimal(0)


def document(element: etree._Element) -> Document:
    """Read a document.

    What configurations without elements for it write as requisites (1C's number and date, the
    deletion mark, the order that a payment belongs to) is taken from there.

    Raises
    ------
    Unreadable
        A number, a date or a switch in it cannot be read.
    """
    fields = fields_of(element)
    requisites = list(requisites_of(fields.find("ЗначенияРеквизитов")))
    told = Fields({name.casefold(): value for name, value in requisites})
    kind = fields.text("ХозОперация")
    issued = fields.moment("Дата")
    issued_at = fields.clock("Время")
    if issued_at is None and issued is not None and issued.time() != time.min:
        issued_at = issued.time()
    onec_issued = fields.moment("Дата1С") or told.moment("дата по 1с")
    return Document(
        id=fields.text("Ид"),
        number=fields.text("Номер"),
        kind=operation_of(kind) or kind,
        issued=_day(issued),
        issued_at=issued_at,
        role=fields.text("Роль") or "Продавец",
        currency=fields.text("Валюта"),
        # Nobody has filled in a rate of nought.
        rate=fields.number("Курс") or ONE,
        amount=fields.number("Сумма") or _NONE,
        basis=fields.text("Основание") or told.text("основание"),
        counterparties=tuple(map(counterparty, fields.inside("Контрагенты", "Контрагент"))),
        lines=tuple(map(_line, fields.inside("Товары", "Товар"))),
        taxes=tuple(_taxes(fields)),
        discounts=tuple(map(_discount, fields.inside("Скидки", "Скидка"))),
        payments=tuple(map(_payment, fields.inside("Оплаты", "Оплата"))),
        warehouses=tuple(map(_warehouse, fields.inside("Склады", "Склад"))),
        requisites=tuple((name, text_of(value)) for name, value in requisites),
        comment=fields.text("Комментарий"),
        payment_due=_day(fields.moment("СрокПлатежа")),
        onec_number=fields.text("Номер1С") or told.text("номер по 1с"),
        onec_issued=_day(onec_issued),
        version=fields.text("НомерВерсии"),
        deleted=is_deleted(element) or bool(told.switch("пометкаудаления", "пометка удаления")),
        line=line_of(element),
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _line(element: etree._Element) -> DocumentLine:
    fields = fields_of(element)
    price = fields.number("ЦенаЗаЕдиницу", "Цена")
    quantity = fields.number("Количество") or _NONE
    amount = fields.number("Сумма")
    store = next(fields.inside("Склады", "Склад"), None)
    return DocumentLine(
        id=full_id(fields.text("Ид"), fields.text("ИдХарактеристики")),
        name=fields.text("Наименование"),
        quantity=quantity,
        # The schema lets a line go without its sum.
        amount=(price or _NONE) * quantity if amount is None else amount,
        price=price,
        article=fields.text("Артикул"),
        barcode=fields.text("Штрихкод", "ШтрихКод"),
        unit=_unit(fields),
        catalog_id=fields.text("ИдКаталога"),
        taxes=tuple(_taxes(fields)),
        discounts=tuple(map(_discount, fields.inside("Скидки", "Скидка"))),
        requisites=tuple(
            (name, text_of(value))
            for part in ("ЗначенияРеквизитов", "ДополнительныеЗначенияРеквизитов")
            for name, value in requisites_of(fields.find(part))
        ),
        warehouse_id="" if store is None else _warehouse(store).id,
        line=line_of(element),
    )


def _unit(fields: Fields) -> Unit | None:
    """The unit that a line counts in: ``Единица``, with its ratio to the base unit beside it.

    By the schema that is no more than a code, which the base unit may know more of.
    """
    base, own = (
        None if part is None else unit(part)
        for part in (fields.find("БазоваяЕдиница"), fields.find("Единица"))
    )
    found = base if own is None or (base is not None and base.code == own.code) else own
    ratio = fields.number("Коэффициент")
    return replace(found, ratio=ratio) if found is not None and ratio else found


def _taxes(fields: Fields) -> list[DocumentTax]:
    """Read the taxes; one of which only the rate is told has the amount 0."""
    rates = {
        rate.name: rate
        for entry in map(fields_of, fields.inside("СтавкиНалогов", "СтавкаНалога"))
        if (rate := _rate(entry))
    }
    found = []
    for entry in map(fields_of, fields.inside("Налоги", "Налог")):
        name = entry.text("Наименование")
        other = rates.pop(name, None)
        found.append(
            DocumentTax(
                name,
                entry.number("Сумма") or _NONE,
                _rate(entry) or other,
                included=entry.switch("УчтеноВСумме") is not False,
            )
        )
    return found + [DocumentTax(name, _NONE, rate) for name, rate in rates.items()]


def _rate(fields: Fields) -> TaxRate | None:
    element = fields.find("Ставка")
    rate = None if element is None else rate_of(element)
    return None if rate is None else TaxRate(fields.text("Наименование"), *rate)


def _discount(element: etree._Element) -> DocumentDiscount:
    fields = fields_of(element)
    return DocumentDiscount(
        name=fields.text("Наименование"),
        amount=fields.number("Сумма") or _NONE,
        percent=fields.number("Процент"),
        included=fields.switch("УчтеноВСумме") is not False,
        comment=fields.text("Комментарий"),
    )


def _payment(element: etree._Element) -> SitePayment:
    fields = fields_of(element)
    at = fields.moment("ДатаОплаты")
    if at is None:
        raise Unreadable("дату", element, "", "ДатаОплаты")
    return SitePayment(
        number=fields.text("НомерДокумента"),
        transaction=fields.text("НомерТранзакции"),
        at=at,
        amount=fields.number("СуммаОплаты") or _NONE,
        method=fields.text("СпособОплаты"),
        method_id=fields.text("ИдСпособаОплаты"),
    )


def _warehouse(element: etree._Element) -> DocumentWarehouse:
    fields = fields_of(element)
    return DocumentWarehouse(fields.text("Ид"), fields.text("Наименование"))
