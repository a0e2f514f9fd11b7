"""``Документ``, its elements in the order of the published schema."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from .counterparty_writer import counterparty
from .documents import (
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
    DocumentWarehouse,
    Operation,
    SitePayment,
)
from .forms import Form
from .markup import (
    COMMENT,
    GLOBAL_ID,
    LINE,
    LINE_ID,
    SHORT_ID,
    element,
    flag,
    money,
    number,
    optional,
    requisites,
    text,
    wrap,
)
from .model import TaxRate, Unit
from .vocabulary import OPERATIONS, OTHER_OPERATION, ROLES

#: ``ШтрихкодТип``, ``ЕдиницаТип``: others would make a file invalid.
_BARCODE_DIGITS, _UNIT_CODE_DIGITS = range(8, 15), range(3, 5)
_CURRENCY_LETTERS = 3
_INTERNATIONAL_LETTERS = 3


def document(item: Document, form: Form) -> str:
    """Write a document.

    What the form has no element for and 1C reads from requisites as well (its own number and
    date, the deletion mark, the basis) goes there.
    """
    parts = [
        element("Ид", item.id, GLOBAL_ID),
        element("Номер", item.number),
        _date("Дата", item.issued),
        element("ХозОперация", _operation(item, form)),
        element("Роль", item.role if item.role in ROLES else "Продавец"),
        element("Валюта", item.currency, _CURRENCY_LETTERS),
        number("Курс", item.rate),
        money("Сумма", item.amount),
    ]
    pairs = item.requisites
    if form.service_fields:
        parts += (
            optional("НомерВерсии", item.version),
            optional("Номер1С", item.onec_number),
            _date("Дата1С", item.onec_issued),
            flag("ПометкаУдаления", True) if item.deleted else "",
            optional("Основание", item.basis),
        )
    else:
        pairs += _service_requisites(item)
    parts += (
        "<Контрагенты>",
        *(counterparty(each, form) for each in item.counterparties),
        "</Контрагенты>",
        wrap("Оплаты", "".join(map(_payment, item.payments))) if form.payments else "",
        f"<Время>{item.issued_at:%H:%M:%S}</Время>" if item.issued_at else "",
        _date("СрокПлатежа", item.payment_due),
        optional("Комментарий", item.comment, COMMENT),
        wrap("Налоги", "".join(map(_tax, item.taxes))),
        wrap("Скидки", "".join(map(_discount, item.discounts))),
        wrap("Склады", "".join(map(_warehouse, item.warehouses))),
        wrap("Товары", "".join(_line(each, form) for each in item.lines)),
        requisites(pairs),
    )
    return f"<Документ>{''.join(parts)}</Документ>\n"


def _operation(item: Document, form: Form) -> str:
    if form.containers or item.kind in OPERATIONS:
        return item.kind
    if item.operation is Operation.CARD_PAYMENT:
        return Operation.CASHLESS_PAYMENT  # the schema is older than acquiring
    return OTHER_OPERATION


def _service_requisites(item: Document) -> tuple[tuple[str, str], ...]:
    pairs = (
        ("Номер по 1С", item.onec_number),
        ("Дата по 1С", item.onec_issued.isoformat() if item.onec_issued else ""),
        ("ПометкаУдаления", "true" if item.deleted else ""),
        ("Основание", item.basis),
    )
    return tuple((name, value) for name, value in pairs if value and not item.requisite(name))


def _date(name: str, day: date | None) -> str:
    return f"<{name}>{day.isoformat()}</{name}>" if day else ""


def moment(at: datetime) -> str:
    """The wall clock of `at`, to the second: 1C knows no time zones."""
    return at.replace(tzinfo=None).isoformat(timespec="seconds")


def _payment(item: SitePayment) -> str:
    return (
        f"<Оплата>{element('НомерДокумента', item.number)}"
        f"{element('НомерТранзакции', item.transaction)}"
        f"<ДатаОплаты>{moment(item.at)}</ДатаОплаты>{money('СуммаОплаты', item.amount)}"
        f"{element('СпособОплаты', item.method)}"
        f"{optional('ИдСпособаОплаты', item.method_id, SHORT_ID)}</Оплата>"
    )


# Goods of a kind have the same ones.
_line_requisites = lru_cache(maxsize=256)(requisites)


def _line(item: DocumentLine, form: Form) -> str:
    unit = item.unit
    warehouse = wrap("Склад", optional("Ид", item.warehouse_id, GLOBAL_ID))
    return "".join(
        (
            "<Товар>",
            optional("Ид", item.id, LINE_ID),
            element("Штрихкод", item.barcode) if len(item.barcode) in _BARCODE_DIGITS else "",
            optional("Артикул", item.article),
            element("Наименование", item.name),
            _nested_unit(unit) if form.containers else _base_unit(unit),
            wrap("СтавкиНалогов", "".join(_tax_rate(tax) for tax in item.taxes if tax.rate)),
            _line_requisites(item.requisites),
            optional("ИдКаталога", item.catalog_id, GLOBAL_ID),
            "" if item.price is None else money("ЦенаЗаЕдиницу", item.price),
            number("Количество", item.quantity),
            money("Сумма", item.amount),
            "" if form.containers else _ratio(unit),
            wrap("Налоги", "".join(map(_tax, item.taxes))),
            wrap("Скидки", "".join(map(_discount, item.discounts))),
            wrap("Склады", warehouse),
            "</Товар>",
        )
    )


# Few units and rates are in all the documents of a shop.
@lru_cache(maxsize=256)
def _base_unit(unit: Unit | None) -> str:
    if unit is None:
        return "<БазоваяЕдиница></БазоваяЕдиница>"  # the schema demands it
    code = unit.code if len(unit.code) in _UNIT_CODE_DIGITS else ""
    attributes = "".join(
        f' {name}="{text(value, limit)}"'
        for name, value, limit in (
            ("Код", code, len(code)),
            ("НаименованиеПолное", unit.full_name, LINE),
            ("МеждународноеСокращение", unit.international, _INTERNATIONAL_LETTERS),
        )
        if value
    )
    return f"<БазоваяЕдиница{attributes}>{text(unit.name)}</БазоваяЕдиница>"


@lru_cache(maxsize=256)
def _nested_unit(unit: Unit | None) -> str:
    if unit is None:
        return ""
    return (
        f"<Единица>{optional('Код', unit.code)}{optional('НаименованиеКраткое', unit.name)}"
        f"{optional('НаименованиеПолное', unit.full_name)}"
        f"{optional('МеждународноеСокращение', unit.international)}</Единица>"
        f"{number('Коэффициент', unit.ratio)}"
    )


def _ratio(unit: Unit | None) -> str:
    return "" if unit is None or unit.ratio == 1 else number("Коэффициент", unit.ratio)


def _tax_rate(tax: DocumentTax) -> str:
    return f"<СтавкаНалога>{element('Наименование', tax.name)}{_rate(tax.rate)}</СтавкаНалога>"


def _tax(tax: DocumentTax) -> str:
    return (
        f"<Налог>{element('Наименование', tax.name)}{flag('УчтеноВСумме', tax.included)}"
        f"{money('Сумма', tax.amount)}{_rate(tax.rate)}</Налог>"
    )


@lru_cache(maxsize=256)
def _rate(rate: TaxRate | None) -> str:
    if rate is None:
        return ""
    if rate.percent is None:
        return "<Ставка>Без налога</Ставка>"
    percent = _plain(rate.percent)
    whole = f"/{_plain(rate.percent + 100)}" if rate.calculated else ""
    return f"<Ставка>{percent}{whole}</Ставка>"


def _plain(value: Decimal) -> str:
    """``20`` and not ``20.00``: 1C looks a rate up by its words."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _discount(item: DocumentDiscount) -> str:
    percent = "" if item.percent is None else number("Процент", item.percent)
    return (
        f"<Скидка>{element('Наименование', item.name)}{money('Сумма', item.amount)}{percent}"
        f"{flag('УчтеноВСумме', item.included)}{optional('Комментарий', item.comment, COMMENT)}"
        "</Скидка>"
    )


def _warehouse(item: DocumentWarehouse) -> str:
    return (
        f"<Склад>{element('Ид', item.id, GLOBAL_ID)}{optional('Наименование', item.name)}</Склад>"
    )
